import type { Protocol } from '../ledger/trade.ts'

/** In v2 a bill is the answer; in v3 the answer tells where it lies, and `bill-download` fetches it there. */
export const billTargets = ['trade-bill', 'fund-flow-bill'] as const
export const callTargets = [
  'create',
  'query',
  'close',
  'refund',
  'refund-query',
  'certificates',
  'shorturl',
  ...billTargets,
  'bill-download',
] as const
export type CallTarget = (typeof callTargets)[number]
/** `scan`: WeChat asks a merchant what a printed code costs (Native mode 1). */
export const targets = [...callTargets, 'notice', 'scan'] as const
export type Target = (typeof targets)[number]
/** Where only one protocol has anything to say. */
export const protocolOf: Partial<Record<Target, Protocol>> = { certificates: 'v3', shorturl: 'v2', scan: 'v2', 'bill-download': 'v3' }

export const parameters = ['ms', 'by', 'row', 'copies', 'field', 'value'] as const
export type Parameter = (typeof parameters)[number]

interface Kind {
  on: readonly Target[]
  /** Where the kind makes sense; it does not strike the other. Default: both. */
  protocols?: readonly Protocol[]
  needs?: readonly Parameter[]
  takes?: readonly Parameter[]
  /** `outTradeNo` says which row of a bill (a refund's number does too), not which call. */
  picksRow?: boolean
  does: string
}

const bothProtocols = ['v2', 'v3'] as const
const v2 = ['v2'] as const
const v3 = ['v3'] as const

const calls = callTargets
const notice = ['notice'] as const
const deliveries = ['notice', 'scan'] as const
const everywhere = targets
/** Answers of calls that are signed, and notices: a bill is neither. */
const messages = callTargets.filter((target) => target !== 'bill-download')
const all = [...messages, ...notice]
const signed = [...messages, ...deliveries]
const bills = billTargets
const tradeBill = ['trade-bill'] as const
/** What carries a ciphertext. */
const sealed = ['certificates', 'notice'] as const

/**
 * Everything that can go wrong on command. "Before" means that WeChat's ledger has not changed, "after" that it has.
 * Faults strike calls that have passed the checks of the gate, and deliveries of notices.
 */
export const faultKinds = {
  // Calls
  delay: { on: everywhere, needs: ['ms'], does: 'waits ms real milliseconds, then goes on as always' },
  'timeout-before': { on: calls, does: 'no effect; the connection stays open without an answer' },
  'timeout-after': { on: calls, does: 'takes effect; the connection stays open without an answer' },
  'reset-before': { on: calls, does: 'no effect; the connection is reset' },
  'reset-after': { on: calls, does: 'takes effect; the connection is reset' },
  'http-202': { on: messages, protocols: v3, does: 'no effect; HTTP 202, signed: taken, but not worked on; to be repeated' },
  'http-500': { on: calls, does: 'no effect; HTTP 500 with an HTML page' },
  'http-502': { on: calls, does: 'no effect; HTTP 502 with an HTML page' },
  'http-429': { on: calls, does: 'no effect; HTTP 429 with an HTML page' },
  SYSTEMERROR: { on: calls, does: 'no effect; v2: signed result_code=FAIL with err_code SYSTEMERROR; v3: HTTP 500 with code SYSTEM_ERROR' },
  'SYSTEMERROR-after': { on: calls, does: 'takes effect; the same answer' },
  FREQUENCY_LIMITED: {
    on: calls,
    does: 'no effect; v2: signed result_code=FAIL with err_code FREQUENCY_LIMITED; v3: HTTP 429 with the code',
  },
  ORDERPAID: { on: ['create', 'close'], does: 'no effect; ORDERPAID (signed in v2), whatever the ledger says' },
  'paid-meanwhile': {
    on: ['query', 'close'],
    does: 'the payer pays at this very moment: just before the close takes effect, just after the query was answered from the ledger',
  },
  'before-answer': {
    on: ['create', 'refund', 'notice'],
    does: 'the trade is created and paid (the refund is through), and its notice delivered once, before the answer of the create (of the refund) leaves',
  },
  truncated: { on: everywhere, does: 'takes effect; half of the message, complete as HTTP' },
  'cut-off': { on: calls, does: 'takes effect; the connection breaks in the middle of the body' },
  html: { on: calls, does: 'takes effect; HTTP 200 with an HTML page instead of the answer' },
  skew: { on: calls, takes: ['ms'], does: 'the Date header is ms off (default: one hour ahead)' },
  // Signatures
  unsigned: { on: signed, does: 'v2: the sign element is missing; v3: all Wechatpay headers are' },
  'missing-header': { on: all, protocols: v3, needs: ['field'], does: 'the header named by field is missing' },
  'wrong-signature': { on: signed, does: 'one character of the signature is changed' },
  'wrong-key': { on: signed, does: 'signed with a key that is not the right one' },
  'unknown-serial': { on: all, protocols: v3, does: 'rightly signed, under a serial number that nobody has heard of' },
  signtest: { on: all, protocols: v3, does: 'WeChat’s probe: the signature starts with WECHATPAY/SIGNTEST/ and fits nothing' },
  stale: { on: all, protocols: v3, takes: ['ms'], does: 'rightly signed, ms ago (default: 301 s; below zero: in the future)' },
  'other-sign-type': { on: signed, protocols: v2, does: 'signed with the other of MD5 and HMAC-SHA256' },
  // Content
  'other-appid': { on: signed, does: 'another appid, rightly signed' },
  'other-mchid': { on: signed, does: 'another merchant number, rightly signed' },
  'unknown-fields': { on: signed, does: 'two fields that nobody has heard of, rightly signed' },
  forged: { on: signed, needs: ['field', 'value'], does: 'sets field to value after signing' },
  altered: { on: signed, needs: ['field', 'value'], does: 'sets field to value before signing: rightly signed' },
  missing: { on: signed, needs: ['field'], does: 'leaves field out before signing: rightly signed' },
  doctype: { on: signed, protocols: v2, does: 'a DOCTYPE with an external entity in front of the message' },
  'duplicate-field': {
    on: signed,
    protocols: v2,
    does: 'out_trade_no (or result_code, or product_id) a second time, with another value',
  },
  'not-an-object': { on: all, protocols: v3, does: 'the JSON is a list around the message, rightly signed' },
  corrupted: {
    on: sealed,
    protocols: v3,
    does: 'one bit of the end of the ciphertext (v3: the tag; v2 refund notices: the last block of req_info) is flipped, rightly signed',
  },
  'wrong-aad': { on: sealed, protocols: v3, does: 'associated_data is not what the ciphertext was made with, rightly signed' },
  'truncated-base64': { on: sealed, protocols: v3, does: 'half of the ciphertext, cut within four characters of base64, rightly signed' },
  'other-algorithm': { on: sealed, protocols: v3, does: 'algorithm says AEAD_SM4_GCM, rightly signed' },
  // Bills
  'not-ready': { on: bills, does: 'v2: Bill Creating, v3: STATEMENT_CREATING, whatever the clock says' },
  'no-bill': { on: bills, does: 'v2: No Bill Exist, v3: NO_STATEMENT_EXIST, whatever the ledger says' },
  'missing-row': { on: bills, takes: ['row'], picksRow: true, does: 'a payment (fund flow: a line) is missing' },
  'extra-row': { on: bills, takes: ['by'], does: 'one more at the end, with numbers that nobody has given, of by fen (default 100)' },
  'wrong-amount': {
    on: bills,
    takes: ['row', 'by'],
    picksRow: true,
    does: 'the amount of a payment (fund flow: of a line) is by fen off (default 1)',
  },
  'wrong-fee': { on: bills, takes: ['row', 'by'], picksRow: true, does: 'the fee of a payment is by fen off (default 1)' },
  'missing-refund-row': { on: tradeBill, takes: ['row'], picksRow: true, does: 'a refund is missing' },
  'extra-refund-row': { on: tradeBill, takes: ['by'], does: 'one more refund at the end, of a known trade, of by fen (default 1)' },
  'wrong-refund-amount': { on: tradeBill, takes: ['row', 'by'], picksRow: true, does: 'the amount of a refund is by fen off (default 1)' },
  'other-merchant': {
    on: tradeBill,
    takes: ['row'],
    picksRow: true,
    does: 'another merchant’s number and appid, in the named row or in all',
  },
  'broken-row': { on: bills, takes: ['row'], does: 'a line has half of its columns' },
  'broken-amount': { on: bills, takes: ['row', 'value'], does: 'a line has value (default NaN) for an amount' },
  'wrong-summary': { on: bills, does: 'the summary counts one line more than there are' },
  'bad-hash': { on: bills, protocols: v3, does: 'hash_value does not fit the bill' },
  'expired-token': { on: ['bill-download'], protocols: v3, does: 'the address is too old, whatever the clock says' },
  // Notices
  drop: { on: deliveries, does: 'lost on the way: never arrives, counts as a failed delivery' },
  unreachable: { on: deliveries, does: 'the receiver refuses the connection; counts as a failed delivery' },
  'answer-lost': { on: deliveries, does: 'arrives, but the receiver’s answer is lost; counts as a failed delivery' },
  duplicate: { on: deliveries, takes: ['copies'], does: 'arrives copies times (default 2), one after the other' },
  'duplicate-at-once': { on: deliveries, takes: ['copies'], does: 'arrives copies times (default 2) at the same instant' },
  late: { on: notice, needs: ['ms'], does: 'leaves ms virtual milliseconds later; strikes a notice once' },
  'out-of-order': { on: notice, does: 'is overtaken by the next other notice (at the latest 15 virtual seconds); strikes a notice once' },
  'after-refund': {
    on: notice,
    does: 'the notice of a payment waits until one of a refund of the same trade was tried (at the latest a virtual day); strikes a notice once',
  },
  'amount-off': {
    on: notice,
    takes: ['by'],
    does: 'the total and what the payer paid (what is refunded, and what of it the payer gets) differ by fen (default 1), rightly signed',
  },
  shuffled: { on: deliveries, does: 'fields in another order (v2: all in CDATA): harmless, must be accepted' },
  'sign-type-element': { on: notice, protocols: v2, does: 'carries a sign_type element, rightly signed: harmless, must be accepted' },
  oversized: { on: deliveries, does: 'an unknown field of 100 kB, rightly signed' },
  'v2-refund-xml': {
    on: notice,
    protocols: v3,
    does: 'in its place the XML of a v2 refund notice, which has no signature: refunds of WeChat’s merchant platform come so',
  },
} as const satisfies Record<string, Kind>

export type FaultKind = keyof typeof faultKinds

export const isFaultKind = (name: string): name is FaultKind => Object.hasOwn(faultKinds, name)

/** A v2 refund notice is encrypted and not signed: what is about signatures cannot strike it, what is about ciphertexts can. */
const idleOnReqInfo: readonly FaultKind[] = ['unsigned', 'wrong-signature', 'other-sign-type', 'sign-type-element']
const alsoOnReqInfo: readonly FaultKind[] = ['corrupted', 'truncated-base64']

export function makesSense(kind: FaultKind, subject: { protocol: Protocol; kind?: 'payment' | 'refund' }): boolean {
  if (kind === 'after-refund' && subject.kind !== 'payment') return false
  const protocols = describeKind(kind).protocols
  if (subject.protocol === 'v3' || subject.kind !== 'refund') return protocols.includes(subject.protocol)
  return alsoOnReqInfo.includes(kind) || (protocols.includes('v2') && !idleOnReqInfo.includes(kind))
}

/** Bills of v2 are files without a signature: what strikes a download strikes them, and what is made for bills. All else fits everything. */
export function fitsFile(kind: FaultKind, target: Target, protocol: Protocol): boolean {
  const isBill = (each: Target) => billTargets.some((bill) => bill === each)
  const { on } = describeKind(kind)
  return protocol === 'v3' || !isBill(target) || on.includes('bill-download') || on.every(isBill)
}

/** The entry of a kind with what is optional filled in. */
export function describeKind(kind: FaultKind): Required<Kind> {
  const { on, protocols = bothProtocols, needs = [], takes = [], picksRow = false, does }: Kind = faultKinds[kind]
  return { on, protocols, needs, takes, picksRow, does }
}
