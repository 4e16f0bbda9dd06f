import { createHash, randomUUID } from 'node:crypto'
import type { Struck } from '../faults/faults.ts'
import { tamperNotice } from '../faults/tamperJson.ts'
import type { Trade } from '../ledger/trade.ts'
import { formatRfc3339 } from '../support/rfc3339.ts'
import { sealResource } from '../v3/aead.ts'
import { noticeHeaders } from '../v3/seal.ts'
import { announceRefund, type Announcement } from './jsonRefundNotice.ts'
import type { NoticeContext, Outgoing } from './message.ts'
import { portalRefund } from './portalRefund.ts'
import { paidTransaction } from './transaction.ts'
import { xmlRefundNotice } from './xmlRefundNotice.ts'

/** As captured from a notice of WeChat's: https://github.com/wechatpay-apiv3/wechatpay-go/issues/230 */
const jsonHeaders = {
  'Content-Type': 'application/json',
  Accept: '*/*',
  'User-Agent': 'Mozilla/4.0',
  'Cache-Control': 'no-cache',
  Pragma: 'no-cache',
}

/**
 * The notice of a paid trade, or of the result of a refund, in protocol v3. A repeat has the same id and the same resource; timestamp, nonce and signature are new each time.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791882
 */
export function jsonNotice(context: NoticeContext, struck: readonly Struck[]): Outgoing {
  const { notice, trade, merchant, now, draw } = context
  const acknowledgedBy = ({ status }: { status: number }) => status === 200 || status === 204
  if (struck.some(({ kind }) => kind === 'v2-refund-xml')) {
    const refund = notice.refund ?? portalRefund(trade, notice.id)
    return { ...xmlRefundNotice({ ...context, notice: { ...notice, refund } }, struck), acknowledgedBy }
  }
  const about = notice.refund ? announceRefund(notice.refund, trade) : announcePayment(trade)
  const { signed, sent, seal } = tamperNotice(
    { envelope: (plaintext) => envelope(context, about, plaintext), plaintext: about.plaintext },
    struck,
  )
  const write = () => ({
    headers: { ...jsonHeaders, 'Request-ID': randomUUID(), ...noticeHeaders(merchant, { body: signed, now: now(), draw }, seal) },
    body: sent,
  })
  return { write, acknowledgedBy }
}

function announcePayment(trade: Trade): Announcement {
  const about = { event_type: 'TRANSACTION.SUCCESS', summary: '支付成功', original_type: 'transaction' } as const
  return { ...about, createdAt: trade.payment?.realPaidAt ?? 0, plaintext: paidTransaction(trade) }
}

function envelope({ notice, merchant }: NoticeContext, about: Announcement, plaintext: string) {
  const { algorithm, ciphertext, associated_data, nonce } = sealResource(merchant.apiV3Key, {
    plaintext,
    associatedData: about.original_type,
    nonce: resourceNonce(notice.id, plaintext),
  })
  return {
    id: notice.id,
    create_time: formatRfc3339(about.createdAt),
    resource_type: 'encrypt-resource',
    event_type: about.event_type,
    summary: about.summary,
    resource: { original_type: about.original_type, algorithm, ciphertext, associated_data, nonce },
  }
}

/** The same for every repeat, also after a restart; another one for another content, as GCM demands. */
const resourceNonce = (id: string, plaintext: string) => createHash('sha256').update(`${id}\n${plaintext}`).digest('hex').slice(0, 12)
