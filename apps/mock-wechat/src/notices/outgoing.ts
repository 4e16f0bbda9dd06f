import type { Struck } from '../faults/faults.ts'
import { jsonNotice } from './jsonNotice.ts'
import type { NoticeContext, Outgoing } from './message.ts'
import { xmlNotice } from './xmlNotice.ts'
import { xmlRefundNotice } from './xmlRefundNotice.ts'

/** A payment in the protocol that the trade was created with, a refund in the form that its call or its address asks for. */
export function outgoing(context: NoticeContext, struck: readonly Struck[]): Outgoing {
  if (context.notice.protocol === 'v3') return jsonNotice(context, struck)
  return context.notice.kind === 'refund' ? xmlRefundNotice(context, struck) : xmlNotice(context, struck)
}
