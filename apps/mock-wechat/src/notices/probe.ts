import type { Struck } from '../faults/faults.ts'
import type { Merchant } from '../merchants.ts'
import type { Notice } from './notice.ts'

/**
 * WeChat tests its receivers: now and then it signs a notice wrongly first, and rightly when it was refused. Only in v3.
 * Every n-th notice here, where n is the merchant's `signing.probes` (0: none).
 */
export function probe(notice: Notice, { signing }: Pick<Merchant, 'signing'>, resent: boolean): Struck[] {
  const first = notice.attempts.length === 0 && !resent
  const due = signing.probes > 0 && notice.ordinal % signing.probes === 0
  return notice.protocol === 'v3' && first && due ? [{ kind: 'signtest' }] : []
}
