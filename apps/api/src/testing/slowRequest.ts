import { once } from 'node:events'
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface SlowRequest {
  answer: Promise<{ status: number; text: string }>
  /** Sends the last byte. */
  finish(): void
}

/** A POST whose last byte is kept back. The server works on it already when this is done: it has said "100 Continue". */
export async function sendSlowly(url: string, body: string, headers: OutgoingHttpHeaders = {}): Promise<SlowRequest> {
  const bytes = Buffer.from(body)
  const sent = request(url, {
    method: 'POST',
    agent: false,
    headers: { ...headers, Expect: '100-continue', 'Content-Length': bytes.length },
  })
  const answered = new Promise<{ status: number; text: string }>((resolve, reject) => {
    sent.once('response', (response: IncomingMessage) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, text: answer }), reject)
    })
    sent.on('error', reject) // after the answer it says nothing: the server has cut what it does not want
  })
  onTestFinished(() => void sent.destroy())
  sent.flushHeaders()
  await once(sent, 'continue')
  sent.write(bytes.subarray(0, -1))
  return { answer: answered, finish: () => void sent.end(bytes.subarray(-1)) }
}
