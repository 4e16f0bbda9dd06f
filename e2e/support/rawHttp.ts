import { request } from 'node:http'

export interface RawAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Sends a request exactly as told, and reads the answer even when the server stops listening in the middle of the body. */
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
      })
    })
    // A server that has answered may hang up on the rest of what we send.
    sending.on('error', (error) => {
      if (!answered) reject(error)
    })
    sending.end(body)
  })
}
