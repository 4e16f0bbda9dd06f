import { Agent, request } from 'undici'
import { readXml } from '../v2/xml.ts'

/** What came of one HTTP delivery. */
export interface Outcome {
  status: number | null
  body: string | null
  error: string | null
  acknowledged: boolean
}

export type Post = (url: string, body: string, signal: AbortSignal) => Promise<Outcome>

/** A receiver's answer is a line of XML; more than this is not read. */
const maxAnswerBytes = 4096

/** @param timeoutMs - WeChat waits 5 s for the whole answer, real time */
export function createPost(timeoutMs: number): { post: Post; close: () => Promise<void> } {
  const agent = new Agent({ connections: 64, connect: { timeout: timeoutMs } })

  async function post(url: string, body: string, signal: AbortSignal): Promise<Outcome> {
    try {
      const { statusCode, body: stream } = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'text/xml; charset=utf-8', 'user-agent': 'mock-wechat' },
        body,
        dispatcher: agent,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      const { text, whole } = await readStart(stream)
      return { status: statusCode, body: text, error: null, acknowledged: statusCode === 200 && whole && saysSuccess(text) }
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

/** Plain text, JSON, HTML, a byte order mark or characters around the tags count as failure, as WeChat's page lists them. */
function saysSuccess(answer: string): boolean {
  try {
    return readXml(answer).get('return_code') === 'SUCCESS'
  } catch {
    return false
  }
}

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.name === 'TimeoutError') return 'no complete answer in time'
  const code = 'code' in cause && typeof cause.code === 'string' ? `${cause.code} ` : ''
  return `${code}${cause.message}`.slice(0, 300)
}
