import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished, vi } from 'vitest'

export type Reply = (response: ServerResponse, body: string, request: IncomingMessage) => void

const reply = (xml: string) => (response: ServerResponse) => void response.end(xml)
export const accept = reply('<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>')
export const refuse = reply('<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[no]]></return_msg></xml>')
/** Takes the notice and never answers. */
export const staySilent: Reply = () => undefined

/** A merchant's notice address: keeps every body and its headers in order of arrival, answers as `answerWith` says. */
export async function openReceiver(first: Reply = accept) {
  let answer = first
  const bodies: string[] = []
  const headers: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      bodies.push(body)
      headers.push(request.headers)
      answer(response, body, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/notices`,
    bodies,
    headers,
    answerWith: (next: Reply) => {
      answer = next
    },
    /** Waits until so many notices have come. */
    received: (count: number) => vi.waitUntil(() => bodies.length >= count, { timeout: 10_000, interval: 5 }),
  }
}
