import { Agent, request } from 'undici'
import type { Outgoing } from './message.ts'

/** What came of one HTTP delivery. */
export interface Outcome {
  status: number | null
  body: string | null
  error: string | null
  acknowledged: boolean
}

export type Post = (url: string, notice: Outgoing, signal: AbortSignal) => Promise<Outcome>

/** A receiver's answer is a line of XML or JSON, or nothing; more than this is not read. */
const maxAnswerBytes = 4096

/** @param timeoutMs - WeChat waits 5 s for the whole answer, real time */
export function createPost(timeoutMs: number): { post: Post; close: () => Promise<void> } {
  const agent = new Agent({ connections: 64, connect: { timeout: timeoutMs } })

  async function post(url: string, notice: Outgoing, signal: AbortSignal): Promise<Outcome> {
    try {
      const { statusCode, body: stream } = await request(url, {
        method: 'POST',
        ...notice.write(),
        dispatcher: agent,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      const { text, whole } = await readStart(stream)
      return { status: statusCode, body: text, error: null, acknowledged: notice.acknowledgedBy({ status: statusCode, text, whole }) }
    } catch (cause) {
      return { status: null, body: null, error: explain(cause), acknowledged: false }
    }
  }

  return { post, close: () => agent.destroy() }
}

async function readStart(stream: AsyncIterable<Buffer>): Promise<{ text: string; whole: boolean }> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxAnswerBytes) break
  }
  return { text: Buffer.concat(chunks).subarray(0, maxAnswerBytes).toString('utf8'), whole: size <= maxAnswerBytes }
}

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.name === 'TimeoutError') return 'no complete answer in time'
  const code = 'code' in cause && typeof cause.code === 'string' ? `${cause.code} ` : ''
  return `${code}${cause.message}`.slice(0, 300)
}
