/** Of WeChat's. */
export type Protocol = 'v2' | 'v3'

/** What WeChat does not send again: in v2 HTTP 200 with a word in the body, in v3 the status alone. */
export function acknowledges(protocol: string, { status, body }: { status: number | null; body: string | null }): boolean {
  return protocol === 'v3' ? status === 200 || status === 204 : status === 200 && (body?.includes('SUCCESS') ?? false)
}
