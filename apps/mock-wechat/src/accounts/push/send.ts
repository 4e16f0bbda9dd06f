import { Agent, request } from 'undici'
import type { Envelope } from './envelope.ts'

/** What came of one HTTP call. `status` is null when no complete answer came. */
export interface HttpOutcome {
  status: number | null
  body: string | null
  error: string | null
  durationMs: number
}

export interface Sender {
  post(address: string, envelope: Pick<Envelope, 'contentType' | 'body'>): Promise<HttpOutcome>
  get(address: string): Promise<HttpOutcome>
  close(): Promise<void>
}

/** More is not read: an encrypted reply has a few thousand characters. */
const maxAnswerBytes = 65_536
/** As seen in published captures. */
const userAgent = 'Mozilla/4.0'

/** Redirects are not followed. @param timeoutMs - WeChat waits 5 s for the whole answer, real time */
export function createSender(timeoutMs: number): Sender {
  const agent = new Agent({ connections: 16, connect: { timeout: timeoutMs } })

  async function call(address: string, options: { method: 'GET' | 'POST'; contentType?: string; body?: string }): Promise<HttpOutcome> {
    const { method, contentType, body } = options
    const startedAt = performance.now()
    const took = () => Math.round(performance.now() - startedAt)
    try {
      const headers = { 'user-agent': userAgent, ...(contentType === undefined ? {} : { 'content-type': contentType }) }
      const answer = await request(address, {
        method,
        headers,
        body: body ?? null,
        dispatcher: agent,
        signal: AbortSignal.timeout(timeoutMs),
      })
      return { status: answer.statusCode, body: await readAll(answer.body), error: null, durationMs: took() }
    } catch (cause) {
      return { status: null, body: null, error: explain(cause), durationMs: took() }
    }
  }

  return {
    post: (address, { contentType, body }) => call(address, { method: 'POST', contentType, body }),
    get: (address) => call(address, { method: 'GET' }),
    close: () => agent.destroy(),
  }
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxAnswerBytes) throw new Error('the answer is too long')
  }
  return Buffer.concat(chunks).toString('utf8')
}

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.name === 'TimeoutError') return 'no complete answer in time'
  const code = 'code' in cause && typeof cause.code === 'string' ? `${cause.code} ` : ''
  return `${code}${cause.message}`.slice(0, 300)
}
