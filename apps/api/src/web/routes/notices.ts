import type { IncomingHttpHeaders } from 'node:http'
import {
  maxNoticeBytes,
  paymentNumberOf,
  type NoticeReply,
  type PaymentNotice,
  type Protocol,
  type RefundNotice,
  type WechatPay,
} from 'wxpay-core/protocol'
import type { Commands } from '../../commands/commands.ts'
import type { Logger } from '../../support/logger.ts'
import type { Metrics, NoticeResult } from '../../support/metrics.ts'
import { readRawBody } from '../rawRequestBody.ts'
import type { AppContext, AppMiddleware } from '../state.ts'
import { createUnreadBodies, PlaceLostError } from '../unreadBodies.ts'
import { refusalOf, senderOf } from './noticeRefusal.ts'

/** What opens the notices of one protocol, and answers them in its format. */
export type NoticeGate = Pick<WechatPay, 'protocol' | 'openNotice' | 'openRefundHint' | 'noticeReplies'>

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
  /** Of a notice that was opened. */
  outTradeNo?: string
}

/** Where WeChat is told to send what: the newer protocol has one address for everything. */
export const noticePaths: Readonly<Record<Protocol, string>> = { v2: '/notices/v2/payments', v3: '/notices/v3' }
export const refundNoticePaths: Readonly<Record<Protocol, string>> = { v2: '/notices/v2/refunds', v3: '/notices/v3' }

/** How the messages to an address are opened, and by whose format they are answered. */
interface Door {
  gate: NoticeGate
  open(headers: IncomingHttpHeaders, raw: Buffer): Promise<PaymentNotice | RefundNotice>
}

/**
 * Notices of payments and refunds. Every answer here is in WeChat's format, and only a notice that is committed is acknowledged: WeChat sends
 * everything else again. Stands before load shedding, with a budget of its own that the protocols share (R25).
 */
export function noticeRoutes({ noticeGates, commands, metrics, logger, maxInFlight, maxUnread }: NoticeRoutesDeps): AppMiddleware {
  const doors = new Map(noticeGates.flatMap(doorsOf))
  const hintDoor = noticeGates.map(hintDoorOf).find((door) => door !== undefined)
  const unread = createUnreadBodies(maxUnread)
  let inFlight = 0

  async function judge(door: Door, ctx: AppContext): Promise<Verdict> {
    let { gate } = door
    try {
      const raw = await unread.read(readRawBody(ctx.req, maxNoticeBytes)) // the signature covers these bytes: nothing parses them before they are opened
      const rightDoor = doorFor(door, raw)
      ;({ gate } = rightDoor)
      if (inFlight >= maxInFlight) return shed(gate, 'busy')
      return await open(rightDoor, ctx, raw)
    } catch (error) {
      if (error instanceof PlaceLostError) return shed(gate, 'too-slow')
      return refuseOrFail(gate, ctx, error)
    }
  }

  /**
   * WeChat sends word of a refund that was begun in its merchant platform as XML of v2, also to an address of v3 (protocol-notes.md). Nothing else
   * changes doors: no JSON begins like this, and v2's word is a hint wherever it comes.
   */
  function doorFor(door: Door, raw: Buffer): Door {
    return hintDoor && door.gate.protocol === 'v3' && raw.at(0) === lessThan ? hintDoor : door
  }

  async function open({ gate, open: openWith }: Door, { headers }: AppContext, raw: Buffer): Promise<Verdict> {
    inFlight++
    try {
      return await record(gate, await openWith(headers, raw))
    } finally {
      inFlight--
    }
  }

  function shed({ noticeReplies }: NoticeGate, reason: string): Verdict {
    return { result: 'shed', reason, reply: noticeReplies.failed() }
  }

  async function record({ noticeReplies }: NoticeGate, notice: PaymentNotice | RefundNotice): Promise<Verdict> {
    const reason = await commands.recordNotice(notice)
    const about = { reason, outTradeNo: paymentNumberOf(notice) }
    if (reason === 'unknown-payment') return { ...about, result: 'unknown', reply: noticeReplies.failed() }
    return { ...about, result: 'accepted', reply: noticeReplies.accepted() } // only now that it is committed
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

  function tell(ctx: AppContext, protocol: Protocol, { result, reason, outTradeNo, lookAt }: Verdict, durationMs: number): void {
    metrics.notice({ protocol, result, reason, durationMs })
    // WeChat sends a probe now and then to see it refused: nothing is wrong.
    const level = result === 'accepted' || reason === 'probe' ? 'info' : 'warn'
    const about = { requestId: ctx.state.requestId, protocol, ...senderOf(ctx.headers) }
    logger[level]({ ...about, result, reason, outTradeNo, lookAt, ms: Math.round(durationMs * 10) / 10 }, 'notice')
  }

  return async (ctx, next) => {
    const door = doors.get(ctx.path)
    if (!door) return next()
    const { gate } = door
    ctx.state.route = ctx.path
    if (ctx.method !== 'POST') {
      ctx.set('Allow', 'POST')
      send(ctx, { ...gate.noticeReplies.refused('method'), status: 405 })
      return
    }
    const startedAt = performance.now()
    const verdict = await judge(door, ctx)
    tell(ctx, gate.protocol, verdict, performance.now() - startedAt)
    send(ctx, verdict.reply)
  }
}

const lessThan = '<'.charCodeAt(0)

function doorsOf(gate: NoticeGate): [string, Door][] {
  const door: Door = { gate, open: (headers, raw) => gate.openNotice(headers, raw) }
  const hints = hintDoorOf(gate)
  return [[noticePaths[gate.protocol], door], ...(hints ? [[refundNoticePaths[gate.protocol], hints] satisfies [string, Door]] : [])]
}

function hintDoorOf(gate: NoticeGate): Door | undefined {
  const { openRefundHint } = gate
  return openRefundHint && { gate, open: async (_headers, raw) => openRefundHint.call(gate, raw) }
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
