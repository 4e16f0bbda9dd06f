/** A bill in pieces of some bytes each, as a connection may bring it. */
export async function* pieces(bill: Buffer | string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(bill)
  await Promise.resolve()
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Bills as WeChat writes them, by columns. */
export function csvOf(lines: readonly Readonly<Record<string, string>>[], summary: Readonly<Record<string, string>>, end = '\r\n'): string {
  const row = (cells: readonly string[]) => cells.map((cell) => `\`${cell}`).join(',')
  const [first = {}] = lines
  return [
    Object.keys(first).join(','),
    ...lines.map((line) => row(Object.values(line))),
    Object.keys(summary).join(','),
    row(Object.values(summary)),
    '',
  ].join(end)
}
