import { createHash, randomUUID } from 'node:crypto'
import type { Struck } from '../faults/faults.ts'
import { tamperNotice } from '../faults/tamperJson.ts'
import { formatRfc3339 } from '../support/rfc3339.ts'
import { sealResource } from '../v3/aead.ts'
import { noticeHeaders } from '../v3/seal.ts'
import type { NoticeContext, Outgoing } from './message.ts'
import { refundXml } from './refundXml.ts'
import { paidTransaction } from './transaction.ts'

/** As captured from a notice of WeChat's: https://github.com/wechatpay-apiv3/wechatpay-go/issues/230 */
const jsonHeaders = {
  'Content-Type': 'application/json',
  Accept: '*/*',
  'User-Agent': 'Mozilla/4.0',
  'Cache-Control': 'no-cache',
  Pragma: 'no-cache',
}

/**
 * The notice of a paid trade of protocol v3. A repeat has the same id and the same resource; timestamp, nonce and signature are new each time.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791882
 */
export function jsonNotice(context: NoticeContext, struck: readonly Struck[]): Outgoing {
  const { trade, merchant, now, draw } = context
  const acknowledgedBy = ({ status }: { status: number }) => status === 200 || status === 204
  if (struck.some(({ kind }) => kind === 'v2-refund-xml')) {
    const body = refundXml(trade, merchant)
    return { write: () => ({ headers: { ...jsonHeaders, 'Content-Type': 'text/xml' }, body }), acknowledgedBy }
  }
  const { signed, sent, seal } = tamperNotice(
    { envelope: (plaintext) => envelope(context, plaintext), plaintext: paidTransaction(trade) },
    struck,
  )
  const write = () => ({
    headers: { ...jsonHeaders, 'Request-ID': randomUUID(), ...noticeHeaders(merchant, { body: signed, now: now(), draw }, seal) },
    body: sent,
  })
  return { write, acknowledgedBy }
}

function envelope({ notice, trade, merchant }: NoticeContext, plaintext: string) {
  const { algorithm, ciphertext, associated_data, nonce } = sealResource(merchant.apiV3Key, {
    plaintext,
    associatedData: 'transaction',
    nonce: resourceNonce(notice.id, plaintext),
  })
  return {
    id: notice.id,
    create_time: formatRfc3339(trade.payment?.realPaidAt ?? 0),
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: { original_type: 'transaction', algorithm, ciphertext, associated_data, nonce },
  }
}

/** The same for every repeat, also after a restart; another one for another content, as GCM demands. */
const resourceNonce = (id: string, plaintext: string) => createHash('sha256').update(`${id}\n${plaintext}`).digest('hex').slice(0, 12)
