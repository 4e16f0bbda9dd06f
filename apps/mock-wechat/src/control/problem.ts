import type { Middleware } from 'koa'
import { type z } from 'zod'

/** An answer of the control side that is not 2xx: `{code, message, problems?}`. */
export class ControlProblem extends Error {
  override readonly name = 'ControlProblem'
  readonly status: number
  readonly code: string
  readonly problems: { param: string; message: string }[]

  constructor(status: number, code: string, message: string, problems: { param: string; message: string }[] = []) {
    super(message)
    this.status = status
    this.code = code
    this.problems = problems
  }
}

export const presentProblems: Middleware = async (ctx, next) => {
  try {
    await next()
  } catch (cause) {
    if (!(cause instanceof ControlProblem)) throw cause
    ctx.status = cause.status
    ctx.body = { code: cause.code, message: cause.message, ...(cause.problems.length > 0 ? { problems: cause.problems } : {}) }
  }
}

/** Reads with a schema; all problems are named at once. */
export function readWith<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ param: [...issue.path, key].join('.'), message: 'unknown' }))
    return [{ param: issue.path.join('.'), message: issue.message }]
  })
  throw new ControlProblem(400, 'invalid', 'the request is not as it should be', problems)
}
