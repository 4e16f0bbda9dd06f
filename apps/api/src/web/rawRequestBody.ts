import type { IncomingMessage } from 'node:http'
import getRawBody from 'raw-body'
import { CallerGoneError, RequestError } from './requestErrors.ts'

/**
 * The bytes as they were sent. A length that is declared too large is refused without reading.
 *
 * @throws {RequestError} body_too_large, or invalid_request when the length was not what it said
 * @throws {CallerGoneError}
 */
export async function readRawBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  try {
    return await getRawBody(request, { length: request.headers['content-length'] ?? null, limit })
  } catch (error) {
    const type = error instanceof Error && 'type' in error ? error.type : undefined
    if (type === 'entity.too.large') throw new RequestError('body_too_large')
    if (type === 'request.size.invalid') throw new RequestError('invalid_request')
    if (type === 'request.aborted' || request.destroyed) throw new CallerGoneError('the request was cut off', { cause: error })
    throw error
  }
}

const discardBytes = 1_048_576
const discardMs = 2000

/**
 * Lets a caller that is still sending a body nobody wants read our answer: closing at once would reset the connection under it.
 * What it sends is thrown away, but not for ever.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  let left = discardBytes
  const timer = setTimeout(() => request.destroy(), discardMs).unref()
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.destroy()
  })
  request.once('close', () => clearTimeout(timer))
  request.once('end', () => clearTimeout(timer))
  request.resume()
}
