import type { Protocol } from 'wxpay-core/protocol'

/** A fault as the mock is told it; on what, and for whom, comes with the occasion. */
export interface Fault {
  kind: string
  times?: number
  ms?: number
  copies?: number
  field?: string
  value?: string
}
type Faults = readonly [Fault, ...Fault[]]

const anyNotice: Faults = [
  { kind: 'drop' },
  { kind: 'drop', times: 4 },
  { kind: 'unreachable', times: 2 },
  { kind: 'answer-lost', times: 2 },
  { kind: 'duplicate', copies: 3 },
  { kind: 'duplicate-at-once', copies: 4 },
  { kind: 'late', ms: 1_800_000 },
  { kind: 'out-of-order' },
  { kind: 'truncated' },
  { kind: 'other-appid' },
  { kind: 'other-mchid' },
  { kind: 'unknown-fields' },
  { kind: 'oversized' },
  { kind: 'shuffled' },
]
const signed: Faults = [{ kind: 'unsigned' }, { kind: 'wrong-signature', times: 2 }]

/** What happens to notices of payments on their way: all of them come in the end. */
export const noticeFaults: Record<Protocol, Faults> = {
  v2: [
    ...anyNotice,
    ...signed,
    { kind: 'wrong-key' },
    { kind: 'other-sign-type' },
    { kind: 'doctype' },
    { kind: 'duplicate-field' },
    { kind: 'sign-type-element' },
    { kind: 'forged', field: 'total_fee', value: '1' },
  ],
  v3: [
    ...anyNotice,
    ...signed,
    { kind: 'wrong-key' },
    { kind: 'missing-header', field: 'Wechatpay-Nonce' },
    { kind: 'unknown-serial' },
    { kind: 'signtest' },
    { kind: 'stale' },
    { kind: 'not-an-object' },
    { kind: 'corrupted' },
    { kind: 'wrong-aad' },
    { kind: 'truncated-base64' },
    { kind: 'other-algorithm' },
  ],
}

/** The same of refunds. Over v2 they are not signed. */
export const refundNoticeFaults: Record<Protocol, Faults> = {
  v2: [...anyNotice, { kind: 'wrong-key' }, { kind: 'corrupted' }, { kind: 'truncated-base64' }],
  v3: [...noticeFaults.v3, { kind: 'v2-refund-xml' }],
}

/** Calls that are lost before or after they take effect, or whose answer cannot be trusted. */
const lost: Faults = [
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'timeout-after' },
  { kind: 'http-500', times: 2 },
  { kind: 'http-502' },
  { kind: 'http-429' },
  { kind: 'SYSTEMERROR', times: 2 },
  { kind: 'SYSTEMERROR-after' },
  { kind: 'FREQUENCY_LIMITED' },
  { kind: 'truncated' },
  { kind: 'cut-off' },
  { kind: 'html' },
  { kind: 'unsigned' },
  { kind: 'wrong-signature' },
  { kind: 'wrong-key' },
  { kind: 'other-mchid' },
]

export const callFaults: Record<Protocol, Faults> = {
  v2: lost,
  v3: [...lost, { kind: 'http-202' }, { kind: 'signtest' }, { kind: 'stale' }],
}
