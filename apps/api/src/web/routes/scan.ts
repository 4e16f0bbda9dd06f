import { maxNoticeBytes, type NoticeReply, type Scan, type ScanGate } from 'wxpay-core/protocol'
import type { ScanDecline, ScanOutcome } from '../../commands/startScan.ts'
import type { Logger } from '../../support/logger.ts'
import type { Metrics } from '../../support/metrics.ts'
import { readRawBody } from '../rawRequestBody.ts'
import type { AppContext, AppMiddleware } from '../state.ts'
import { createUnreadBodies, PlaceLostError } from '../unreadBodies.ts'
import { refusalOf } from './noticeRefusal.ts'

export interface ScanRouteDeps {
  /** null: without the key of protocol v2 there are no printed codes. */
  scans: { gate: Pick<ScanGate, 'open' | 'replies'>; start(scan: Scan, withinMs: number): Promise<ScanOutcome> } | null
  metrics: Pick<Metrics, 'scan'>
  logger: Pick<Logger, 'info' | 'warn' | 'error'>
}

export const scanPath = '/notices/v2/scan'

/** WeChat waits 5 s for the answer to a notice ("支付结果通知"), and to a scan as far as merchants tell; some of it is spent on the way. */
const answerWithinMs = 3_800

/** Each waits for WeChat most of its time. */
const maxInFlight = 128
const maxUnread = 256

/** What the payer reads in WeChat. */
const words: Readonly<Record<ScanDecline | 'busy', string>> = {
  'shop-closed': '商家暂未营业，请稍后再试',
  'unknown-product': '没有找到该商品，请联系商家',
  'inactive-product': '该商品已下架',
  'too-many': '您的未付订单过多，请稍后再试',
  refused: '商家暂时无法收款，未产生扣款，请联系商家',
  unavailable: '系统繁忙，未产生扣款，请重新扫码',
  settled: '该订单已支付，请勿重复支付',
  busy: '系统繁忙，未产生扣款，请重新扫码',
}

interface Verdict {
  result: 'prepared' | 'declined' | 'refused'
  reason: string
  reply: NoticeReply
}

/**
 * A printed code was scanned, and WeChat asks what to pay. It does not ask again: every answer here is final, and a fault of ours is told
 * to the payer as one. Stands before load shedding, as the notices do.
 */
export function scanRoute({ scans, metrics, logger }: ScanRouteDeps): AppMiddleware {
  if (!scans) return (_ctx, next) => next()
  const { gate, start } = scans
  const unread = createUnreadBodies(maxUnread)
  let inFlight = 0

  const declined = (reason: ScanDecline | 'busy'): Verdict => ({ result: 'declined', reason, reply: gate.replies.declined(words[reason]) })

  async function answer(scan: Scan, withinMs: number): Promise<Verdict> {
    if (inFlight >= maxInFlight) return declined('busy')
    inFlight++
    try {
      const outcome = await start(scan, withinMs)
      if (outcome.outcome === 'declined') return declined(outcome.because)
      return { result: 'prepared', reason: '', reply: gate.replies.prepared(outcome.prepayId) }
    } finally {
      inFlight--
    }
  }

  async function judge(ctx: AppContext, startedAt: number): Promise<Verdict> {
    try {
      const raw = await unread.read(readRawBody(ctx.req, maxNoticeBytes)) // the signature covers these bytes
      const scan = gate.open(raw)
      return await answer(scan, answerWithinMs - (performance.now() - startedAt))
    } catch (error) {
      if (error instanceof PlaceLostError) return declined('busy')
      return refuseOrDecline(ctx, error)
    }
  }

  function refuseOrDecline(ctx: AppContext, error: unknown): Verdict {
    const refusal = refusalOf(error)
    if (!refusal) {
      logger.error({ requestId: ctx.state.requestId, err: error }, 'a scan failed, its payer was told to scan again')
      return declined('unavailable')
    }
    const { reason, authentic, detail } = refusal
    if (authentic) logger.error({ requestId: ctx.state.requestId, reason, detail }, 'a scan that WeChat has signed was refused')
    return { result: 'refused', reason: authentic ? `authentic-${reason}` : reason, reply: gate.replies.rejected(reason) }
  }

  return async (ctx, next) => {
    if (ctx.path !== scanPath) return next()
    ctx.state.route = scanPath
    if (ctx.method !== 'POST') {
      ctx.set('Allow', 'POST')
      send(ctx, { ...gate.replies.rejected('method'), status: 405 })
      return
    }
    const startedAt = performance.now()
    const verdict = await judge(ctx, startedAt)
    const durationMs = performance.now() - startedAt
    const { result, reason } = verdict
    metrics.scan({ result, reason, durationMs })
    logger[result === 'prepared' ? 'info' : 'warn']({ requestId: ctx.state.requestId, result, reason, ms: Math.round(durationMs) }, 'scan')
    send(ctx, verdict.reply)
  }
}

function send(ctx: AppContext, { status, contentType, body }: NoticeReply): void {
  ctx.status = status
  ctx.type = contentType
  ctx.body = body
}
