import type { IncomingMessage } from 'node:http'
import getRawBody from 'raw-body'
import { CallerGoneError, RequestError, SlowBodyError } from './requestErrors.ts'

/** WeChat gives a notice up after 5 s (chapter 支付结果通知), and what pages send is here with its headers. */
const bodyWithinMs = 5000

/**
 * The bytes as they were sent. A length that is declared too large is refused without reading.
 *
 * @throws {RequestError} body_too_large, or invalid_request when the length was not what it said
 * @throws {SlowBodyError} when they are not here within 5 s
 * @throws {CallerGoneError}
 */
export async function readRawBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new SlowBodyError(bodyWithinMs)), bodyWithinMs)
  try {
    return await Promise.race([getRawBody(request, { length: request.headers['content-length'] ?? null, limit }), tooLate])
  } catch (error) {
    if (error instanceof SlowBodyError) throw error
    const type = error instanceof Error && 'type' in error ? error.type : undefined
    if (type === 'entity.too.large') throw new RequestError('body_too_large')
    if (type === 'request.size.invalid') throw new RequestError('invalid_request')
    if (type === 'request.aborted' || request.destroyed) throw new CallerGoneError('the request was cut off', { cause: error })
    throw error
  } finally {
    clearTimeout(timer)
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
