import type { IncomingHttpHeaders } from 'node:http'
import type { Context } from 'koa'
import type { Problem } from 'wxpay-core/contract'
import { z } from 'zod'
import { readRawBody } from './rawRequestBody.ts'
import { RequestError } from './requestErrors.ts'

/** Twenty times what the largest request of this API needs. */
export const maxBodyBytes = 16_384

/** The parts of a request that a route reads; the body is only read when there is a schema for it. */
type RequestParts = Partial<Record<'headers' | 'query' | 'body', z.ZodType>>

/** Headers of a request that may be repeated. A header that is sent twice arrives joined by ", ", so the space refuses it. */
export const IdempotencyHeaders = z.object({
  'idempotency-key': z.string('is missing').regex(/^[\x21-\x7e]{1,255}$/, 'must be sent once, as 1 to 255 visible ASCII characters'),
})

/**
 * Checks every part of a request and names all that is wrong at once.
 *
 * @param schema - e.g. z.object({ headers: IdempotencyHeaders, body: OpenCheckoutBody })
 * @throws {RequestError} with the path of each problem: "amountFen", "query.wait", "header.idempotency-key"
 * @throws {CallerGoneError}
 */
export async function readRequest<Parts extends RequestParts>(
  ctx: Pick<Context, 'headers' | 'query' | 'req'>,
  schema: z.ZodObject<Parts>,
): Promise<z.output<z.ZodObject<Parts>>> {
  const sent = { headers: ctx.headers, query: ctx.query, body: schema.shape.body ? await readJson(ctx.req) : undefined }
  const result = schema.safeParse(sent)
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => describe(issue, sent))
  const onlyKey = problems.every(({ param }) => param === 'header.idempotency-key')
  throw new RequestError(onlyKey ? 'idempotency_key_missing' : 'invalid_request', { problems })
}

/** @throws {RequestError} unless the body is JSON in UTF-8 */
async function readJson(request: Context['req']): Promise<unknown> {
  if (!isJson(request.headers)) throw new RequestError('unsupported_media_type')
  const raw = await readRawBody(request, maxBodyBytes)
  try {
    // fatal: bytes that are not UTF-8 would become other text without a word
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw))
  } catch {
    throw new RequestError('invalid_json')
  }
}

function isJson(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'] ?? ''
  const encoding = headers['content-encoding'] ?? 'identity'
  return /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type) && encoding === 'identity'
}

function describe(issue: z.core.$ZodIssue, sent: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      param: paramOf([...issue.path, key]),
      code: 'unknown_field',
      message: 'is not a field of this request',
    }))
  }
  const missing = issue.code === 'invalid_type' && valueAt(sent, issue.path) === undefined
  return [{ param: paramOf(issue.path), code: missing ? 'missing' : issue.code, message: issue.message }]
}

/** ["body", "amountFen"] → "amountFen", ["headers", "idempotency-key"] → "header.idempotency-key", ["body"] → "body" */
function paramOf([part, ...path]: readonly PropertyKey[]): string {
  const names = path.map(String)
  if (part === 'body') return names.join('.') || 'body'
  return [part === 'headers' ? 'header' : String(part), ...names].join('.')
}

function valueAt(sent: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), sent)
}
