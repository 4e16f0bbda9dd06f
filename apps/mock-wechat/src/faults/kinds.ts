import type { Protocol } from '../ledger/trade.ts'

export const callTargets = ['create', 'query', 'close', 'certificates'] as const
export type CallTarget = (typeof callTargets)[number]
export type Target = CallTarget | 'notice'

export const parameters = ['ms', 'by', 'copies', 'field', 'value'] as const
export type Parameter = (typeof parameters)[number]

interface Kind {
  on: readonly Target[]
  /** Where the kind makes sense; it does not strike the other. Default: both. */
  protocols?: readonly Protocol[]
  needs?: readonly Parameter[]
  takes?: readonly Parameter[]
  does: string
}

const bothProtocols = ['v2', 'v3'] as const
const calls = callTargets
const notice = ['notice'] as const

/**
 * Everything that can go wrong on command. "Before" means that WeChat's ledger has not changed, "after" that it has.
 * Faults strike calls that have passed the checks of the gate, and deliveries of notices.
 */
export const faultKinds = {
  // Calls
  delay: { on: [...calls, ...notice], needs: ['ms'], does: 'waits ms real milliseconds, then goes on as always' },
  'timeout-before': { on: calls, does: 'no effect; the connection stays open without an answer' },
  'timeout-after': { on: calls, does: 'takes effect; the connection stays open without an answer' },
  'reset-before': { on: calls, does: 'no effect; the connection is reset' },
  'reset-after': { on: calls, does: 'takes effect; the connection is reset' },
  'http-500': { on: calls, does: 'no effect; HTTP 500 with an HTML page' },
  'http-502': { on: calls, does: 'no effect; HTTP 502 with an HTML page' },
  'http-429': { on: calls, does: 'no effect; HTTP 429 with an HTML page' },
  SYSTEMERROR: { on: calls, does: 'no effect; signed result_code=FAIL with err_code SYSTEMERROR' },
  'SYSTEMERROR-after': { on: calls, does: 'takes effect; signed result_code=FAIL with err_code SYSTEMERROR' },
  FREQUENCY_LIMITED: { on: calls, does: 'no effect; signed result_code=FAIL with err_code FREQUENCY_LIMITED' },
  ORDERPAID: { on: ['create', 'close'], does: 'no effect; signed ORDERPAID, whatever the ledger says' },
  'paid-meanwhile': {
    on: ['query', 'close'],
    does: 'the payer pays at this very moment: just before the close takes effect, just after the query was answered from the ledger',
  },
  'before-answer': {
    on: ['create', 'notice'],
    does: 'the trade is created and paid, and its notice delivered once, before the answer of the create leaves',
  },
  truncated: { on: calls, does: 'takes effect; half of the XML as a complete HTTP answer' },
  'cut-off': { on: calls, does: 'takes effect; the connection breaks in the middle of the body' },
  html: { on: calls, does: 'takes effect; HTTP 200 with an HTML page instead of XML' },
  unsigned: { on: [...calls, ...notice], does: 'the sign element is missing' },
  'wrong-signature': { on: [...calls, ...notice], does: 'one character of the signature is changed' },
  'wrong-key': { on: [...calls, ...notice], does: 'signed with a key that is not the merchant’s' },
  'other-sign-type': { on: [...calls, ...notice], does: 'signed with the other of MD5 and HMAC-SHA256' },
  'other-appid': { on: [...calls, ...notice], does: 'another appid, rightly signed' },
  'other-mchid': { on: [...calls, ...notice], does: 'another mch_id, rightly signed' },
  'unknown-fields': { on: [...calls, ...notice], does: 'two fields that nobody has heard of, rightly signed' },
  forged: { on: [...calls, ...notice], needs: ['field', 'value'], does: 'sets field to value after signing' },
  altered: { on: [...calls, ...notice], needs: ['field', 'value'], does: 'sets field to value before signing: rightly signed' },
  missing: { on: [...calls, ...notice], needs: ['field'], does: 'leaves field out before signing: rightly signed' },
  doctype: { on: [...calls, ...notice], does: 'a DOCTYPE with an external entity in front of the message' },
  'duplicate-field': { on: [...calls, ...notice], does: 'out_trade_no (or result_code) a second time, with another value' },
  skew: { on: calls, takes: ['ms'], does: 'the Date header is ms off (default: one hour ahead)' },
  // Notices
  drop: { on: notice, does: 'lost on the way: never arrives, counts as a failed delivery' },
  unreachable: { on: notice, does: 'the receiver refuses the connection; counts as a failed delivery' },
  'answer-lost': { on: notice, does: 'arrives, but the receiver’s answer is lost; counts as a failed delivery' },
  duplicate: { on: notice, takes: ['copies'], does: 'arrives copies times (default 2), one after the other' },
  'duplicate-at-once': { on: notice, takes: ['copies'], does: 'arrives copies times (default 2) at the same instant' },
  late: { on: notice, needs: ['ms'], does: 'leaves ms virtual milliseconds later; strikes a notice once' },
  'out-of-order': { on: notice, does: 'is overtaken by the next other notice (at the latest 15 virtual seconds); strikes a notice once' },
  'amount-off': { on: notice, takes: ['by'], does: 'total_fee and cash_fee differ by fen (default 1), rightly signed' },
  shuffled: { on: notice, does: 'fields in another order, all in CDATA: harmless, must be accepted' },
  'sign-type-element': { on: notice, does: 'carries a sign_type element, rightly signed: harmless, must be accepted' },
  oversized: { on: notice, does: 'an unknown field of 100 kB, rightly signed' },
} as const satisfies Record<string, Kind>

export type FaultKind = keyof typeof faultKinds

export const isFaultKind = (name: string): name is FaultKind => Object.hasOwn(faultKinds, name)

/** The entry of a kind with the optional lists filled in. */
export function describeKind(kind: FaultKind): Required<Kind> {
  const { on, protocols = bothProtocols, needs = [], takes = [], does }: Kind = faultKinds[kind]
  return { on, protocols, needs, takes, does }
}
