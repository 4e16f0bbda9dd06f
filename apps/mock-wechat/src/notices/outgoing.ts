import type { Struck } from '../faults/faults.ts'
import { jsonNotice } from './jsonNotice.ts'
import type { NoticeContext, Outgoing } from './message.ts'
import { xmlNotice } from './xmlNotice.ts'

/** In the protocol that the trade was created with. */
export function outgoing(context: NoticeContext, struck: readonly Struck[]): Outgoing {
  return context.notice.protocol === 'v3' ? jsonNotice(context, struck) : xmlNotice(context, struck)
}
