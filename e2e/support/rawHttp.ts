import { request } from 'node:http'

export interface RawAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** What is sent before the answer is waited for: more than any limit of ours, less than what the server throws away before it hangs up. */
const sentAtFirst = 262_144

/** Sends a request exactly as told, and reads the answer. Of a huge body only the beginning: who is answered by then need not send the rest. */
export function sendRaw(
  url: string,
  { method, headers = {}, body = '' }: { method: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let answered = false
    const sending = request(url, { method, headers: { 'content-length': String(Buffer.byteLength(body)), ...headers } }, (response) => {
      answered = true
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() })
        sending.destroy()
      })
    })
    // A server that has answered may hang up on the rest of what we send.
    sending.on('error', (error) => {
      if (!answered) reject(error)
    })
    const bytes = Buffer.from(body)
    if (bytes.length <= sentAtFirst) sending.end(bytes)
    else sending.write(bytes.subarray(0, sentAtFirst))
  })
}
