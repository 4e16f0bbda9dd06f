/** Adds parameters behind those that an address already has. */
export function withQuery(url: string, query: URLSearchParams): string {
  const address = new URL(url)
  for (const [name, value] of query) address.searchParams.append(name, value)
  return address.href
}
