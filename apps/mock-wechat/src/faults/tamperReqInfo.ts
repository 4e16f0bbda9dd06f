import { sealReqInfo } from '../notices/reqInfo.ts'
import { base62, randomText } from '../support/random.ts'
import { writeXml, type Fields } from '../v2/xml.ts'
import type { Struck } from './faults.ts'
import { spoilXml } from './tamperXml.ts'

interface RefundMessage {
  envelope: Fields
  refund: Fields
  key: string
}

/** A refund notice of v2: what is encrypted and the envelope around it. `field` is looked for in both; a new one is encrypted. */
export function tamperReqInfo(message: RefundMessage, struck: readonly Struck[]): string {
  const has = (kind: Struck['kind']) => struck.some((fault) => fault.kind === kind)
  const [envelope, refund]: [Fields, Fields] = [new Map(message.envelope), new Map(message.refund)]
  for (const fault of struck) changeContent({ envelope, refund }, fault)
  const key = has('wrong-key') ? randomText(base62, 32) : message.key
  const reqInfo = sealReqInfo(asRoot(inOrder(refund, has('shuffled'))), key)
  envelope.set('req_info', struck.reduce(spoilReqInfo, reqInfo))
  for (const fault of struck) if (fault.kind === 'forged') envelope.set(fault.field ?? '', fault.value ?? '')
  return struck.reduce(
    spoilXml,
    writeXml(inOrder(envelope, has('shuffled')), () => false),
  )
}

const inOrder = (fields: Fields, shuffled: boolean): Fields => (shuffled ? new Map([...fields].toReversed()) : fields)

function changeContent(
  { envelope, refund }: Pick<RefundMessage, 'envelope' | 'refund'>,
  { kind, field = '', value = '', by = 1 }: Struck,
): void {
  const holder = envelope.has(field) ? envelope : refund
  if (kind === 'other-appid') envelope.set('appid', 'wx00000000deadbeef')
  if (kind === 'other-mchid') envelope.set('mch_id', '1900000109')
  if (kind === 'altered') holder.set(field, value)
  if (kind === 'missing') holder.delete(field)
  if (kind === 'unknown-fields') for (const fields of [envelope, refund]) fields.set('future_field_x', 'keep-me')
  if (kind === 'oversized') envelope.set('future_field_x', 'x'.repeat(100_000))
  if (kind !== 'amount-off') return
  for (const name of ['refund_fee', 'settlement_refund_fee', 'cash_refund_fee'])
    refund.set(name, String(Number(refund.get(name) ?? 0) + by))
}

/** The last block: without it the padding is wrong, as with a wrong key. */
function spoilReqInfo(base64: string, { kind }: Struck): string {
  if (kind === 'truncated-base64') return base64.slice(0, (base64.length / 2) | 1)
  if (kind !== 'corrupted') return base64
  const bytes = Buffer.from(base64, 'base64')
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
  return bytes.toString('base64')
}

/** The inner document's element is called root, not xml. */
const asRoot = (fields: Fields) =>
  writeXml(fields, () => false)
    .replace(/^<xml>/, '<root>\n')
    .replace(/<\/xml>$/, '\n</root>')
