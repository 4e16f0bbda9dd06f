import { maxNoticeBytes, NoticeRefusedError, type NoticeReply, type PaymentNotice, type WechatPay } from 'wxpay-core/protocol'
import type { Commands } from '../../commands/commands.ts'
import type { Logger } from '../../support/logger.ts'
import type { Metrics, NoticeResult } from '../../support/metrics.ts'
import { readRawBody } from '../rawRequestBody.ts'
import { CallerGoneError, RequestError, SlowBodyError } from '../requestErrors.ts'
import type { AppContext, AppMiddleware } from '../state.ts'
import { createUnreadBodies, PlaceLostError } from '../unreadBodies.ts'

export interface NoticeRoutesDeps {
  wechat: Pick<WechatPay, 'openNotice' | 'noticeReplies'>
  commands: Pick<Commands, 'recordNotice'>
  metrics: Pick<Metrics, 'notice'>
  logger: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Notices that are worked on at the same time. WeChat sends again what is turned away. */
  maxInFlight: number
  /** Notices whose body is still on its way, 64 KiB each at most. */
  maxUnread: number
}

interface Verdict {
  result: NoticeResult
  /** Why, in one word, for the counter. */
  reason: string
  reply: NoticeReply
}

export const paymentNoticePath = '/notices/v2/payments'

/**
 * Notices of payments. Every answer here is in WeChat's format, and only a notice that is committed is acknowledged: WeChat sends
 * everything else again. Stands before load shedding, with a budget of its own (R25).
 */
export function noticeRoutes({ wechat, commands, metrics, logger, maxInFlight, maxUnread }: NoticeRoutesDeps): AppMiddleware {
  const replies = wechat.noticeReplies
  const unread = createUnreadBodies(maxUnread)
  let inFlight = 0

  async function judge(ctx: AppContext): Promise<Verdict> {
    try {
      const raw = await unread.read(readRawBody(ctx.req, maxNoticeBytes)) // the signature covers these bytes: nothing parses them before openNotice
      if (inFlight >= maxInFlight) return shed('busy')
      return await open(ctx, raw)
    } catch (error) {
      if (error instanceof PlaceLostError) return shed('too-slow')
      return refuseOrFail(error, ctx.state.requestId)
    }
  }

  async function open({ headers }: AppContext, raw: Buffer): Promise<Verdict> {
    inFlight++
    try {
      return await record(await wechat.openNotice(headers, raw))
    } finally {
      inFlight--
    }
  }

  function shed(reason: string): Verdict {
    return { result: 'shed', reason, reply: replies.failed() }
  }

  async function record(notice: PaymentNotice): Promise<Verdict> {
    const outcome = await commands.recordNotice(notice)
    if (outcome === 'unknown-payment') return { result: 'unknown', reason: outcome, reply: replies.failed() }
    return { result: 'accepted', reason: outcome, reply: replies.accepted() } // only now that it is committed
  }

  function refuseOrFail(error: unknown, requestId: string): Verdict {
    const reason = refusalOf(error)
    if (reason) return { result: 'refused', reason: tellAuthentic(error, requestId) ?? reason, reply: replies.refused(reason) }
    logger.error({ requestId, err: error }, 'notice failed, WeChat will send it again')
    return { result: 'failed', reason: 'error', reply: replies.failed() }
  }

  /** Forgeries are everyday. What WeChat has signed may be money, and its repeats end after a day: somebody must look. */
  function tellAuthentic(error: unknown, requestId: string): string | undefined {
    if (!(error instanceof NoticeRefusedError) || !error.authentic) return undefined
    logger.error({ requestId, reason: error.reason, detail: error.message }, 'a notice that WeChat has signed was refused')
    return `authentic-${error.reason}`
  }

  return async (ctx, next) => {
    if (ctx.path !== paymentNoticePath) return next()
    ctx.state.route = paymentNoticePath
    if (ctx.method !== 'POST') {
      ctx.set('Allow', 'POST')
      send(ctx, { ...replies.refused('method'), status: 405 })
      return
    }
    const startedAt = performance.now()
    const { result, reason, reply } = await judge(ctx)
    const durationMs = performance.now() - startedAt
    metrics.notice({ result, reason, durationMs })
    const level = result === 'accepted' ? 'info' : 'warn'
    logger[level]({ requestId: ctx.state.requestId, result, reason, ms: Math.round(durationMs * 10) / 10 }, 'notice')
    send(ctx, reply)
  }
}

/** Why the notice itself is at fault, or null when we are. */
function refusalOf(error: unknown): string | null {
  if (error instanceof NoticeRefusedError) return error.reason
  if (error instanceof SlowBodyError) return 'too-slow'
  if (error instanceof RequestError) return error.code === 'body_too_large' ? 'too-large' : 'unreadable'
  return error instanceof CallerGoneError ? 'cut-off' : null
}

function send(ctx: AppContext, { status, contentType, body }: NoticeReply): void {
  ctx.status = status
  ctx.type = contentType
  ctx.body = body
}
