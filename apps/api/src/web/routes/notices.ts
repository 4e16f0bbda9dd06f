import { maxNoticeBytes, type NoticeReply, type PaymentNotice, type Protocol, type WechatPay } from 'wxpay-core/protocol'
import type { Commands } from '../../commands/commands.ts'
import type { Logger } from '../../support/logger.ts'
import type { Metrics, NoticeResult } from '../../support/metrics.ts'
import { readRawBody } from '../rawRequestBody.ts'
import type { AppContext, AppMiddleware } from '../state.ts'
import { createUnreadBodies, PlaceLostError } from '../unreadBodies.ts'
import { refusalOf, senderOf } from './noticeRefusal.ts'

/** What opens the notices of one protocol, and answers them in its format. */
export type NoticeGate = Pick<WechatPay, 'protocol' | 'openNotice' | 'noticeReplies'>

export interface NoticeRoutesDeps {
  /** One per protocol whose keys are there: the address of another does not exist. */
  noticeGates: readonly NoticeGate[]
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
  lookAt?: string | undefined
}

/** Where WeChat is told to send what: the newer protocol has one address for everything. */
export const noticePaths: Readonly<Record<Protocol, string>> = { v2: '/notices/v2/payments', v3: '/notices/v3' }

/**
 * Notices of payments. Every answer here is in WeChat's format, and only a notice that is committed is acknowledged: WeChat sends
 * everything else again. Stands before load shedding, with a budget of its own that the protocols share (R25).
 */
export function noticeRoutes({ noticeGates, commands, metrics, logger, maxInFlight, maxUnread }: NoticeRoutesDeps): AppMiddleware {
  const gates = new Map(noticeGates.map((gate) => [noticePaths[gate.protocol], gate]))
  const unread = createUnreadBodies(maxUnread)
  let inFlight = 0

  async function judge(gate: NoticeGate, ctx: AppContext): Promise<Verdict> {
    try {
      const raw = await unread.read(readRawBody(ctx.req, maxNoticeBytes)) // the signature covers these bytes: nothing parses them before openNotice
      if (inFlight >= maxInFlight) return shed(gate, 'busy')
      return await open(gate, ctx, raw)
    } catch (error) {
      if (error instanceof PlaceLostError) return shed(gate, 'too-slow')
      return refuseOrFail(gate, ctx, error)
    }
  }

  async function open(gate: NoticeGate, { headers }: AppContext, raw: Buffer): Promise<Verdict> {
    inFlight++
    try {
      return await record(gate, await gate.openNotice(headers, raw))
    } finally {
      inFlight--
    }
  }

  function shed({ noticeReplies }: NoticeGate, reason: string): Verdict {
    return { result: 'shed', reason, reply: noticeReplies.failed() }
  }

  async function record({ noticeReplies }: NoticeGate, notice: PaymentNotice): Promise<Verdict> {
    const outcome = await commands.recordNotice(notice)
    if (outcome === 'unknown-payment') return { result: 'unknown', reason: outcome, reply: noticeReplies.failed() }
    return { result: 'accepted', reason: outcome, reply: noticeReplies.accepted() } // only now that it is committed
  }

  function refuseOrFail({ protocol, noticeReplies }: NoticeGate, ctx: AppContext, error: unknown): Verdict {
    const about = { requestId: ctx.state.requestId, protocol, ...senderOf(ctx.headers) }
    const refusal = refusalOf(error)
    if (!refusal) {
      logger.error({ ...about, err: error }, 'notice failed, WeChat will send it again')
      return { result: 'failed', reason: 'error', reply: noticeReplies.failed() }
    }
    const { reason, authentic, detail, lookAt } = refusal
    const reply = noticeReplies.refused(reason)
    if (!authentic) return { result: 'refused', reason, reply, lookAt }
    // Forgeries are everyday. What WeChat has signed may be money, and its repeats end after a day: somebody must look.
    logger.error({ ...about, reason, lookAt, detail }, 'a notice that WeChat has signed was refused')
    return { result: 'refused', reason: `authentic-${reason}`, reply }
  }

  function tell(ctx: AppContext, protocol: Protocol, { result, reason, lookAt }: Verdict, durationMs: number): void {
    metrics.notice({ protocol, result, reason, durationMs })
    // WeChat sends a probe now and then to see it refused: nothing is wrong.
    const level = result === 'accepted' || reason === 'probe' ? 'info' : 'warn'
    const about = { requestId: ctx.state.requestId, protocol, ...senderOf(ctx.headers) }
    logger[level]({ ...about, result, reason, lookAt, ms: Math.round(durationMs * 10) / 10 }, 'notice')
  }

  return async (ctx, next) => {
    const gate = gates.get(ctx.path)
    if (!gate) return next()
    ctx.state.route = ctx.path
    if (ctx.method !== 'POST') {
      ctx.set('Allow', 'POST')
      send(ctx, { ...gate.noticeReplies.refused('method'), status: 405 })
      return
    }
    const startedAt = performance.now()
    const verdict = await judge(gate, ctx)
    tell(ctx, gate.protocol, verdict, performance.now() - startedAt)
    send(ctx, verdict.reply)
  }
}

function send(ctx: AppContext, { status, contentType, body }: NoticeReply): void {
  ctx.status = status
  if (body === '') {
    ctx.body = null // 204: nothing that a type could be of
    return
  }
  ctx.type = contentType
  ctx.body = body
}
