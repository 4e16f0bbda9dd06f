import type { SealFaults } from '../v3/seal.ts'
import type { Struck } from './faults.ts'
import { dropField, setField, type JsonObject } from './jsonFields.ts'

/** A message as it was signed and as it leaves, and what is wrong with its signature. */
export interface Tampered {
  signed: string
  sent: string
  seal: SealFaults
}

/** A text that was encrypted: a resource of a notice, or a certificate of the list. */
type Sealed = JsonObject & { algorithm: string; ciphertext: string; associated_data: string }

const staleMs = 301_000

/** An answer of protocol v3; each fault that struck does its harm at its own stage. @param honest - undefined for an empty body */
export function tamperAnswer(honest: JsonObject | undefined, struck: readonly Struck[]): Tampered {
  if (honest === undefined) return { signed: '', sent: '', seal: sealFaults(struck) }
  const message = structuredClone(honest)
  for (const fault of struck) {
    changeContent(message, fault)
    for (const sealed of certificatesIn(message)) spoilSealed(sealed, fault)
  }
  return tamperText(message, struck)
}

/** A notice of protocol v3: what is encrypted and the envelope around it. `field` is one of the former, or of the latter after "envelope.". */
export function tamperNotice(
  { envelope, plaintext }: { envelope: (plaintext: string) => JsonObject; plaintext: JsonObject },
  struck: readonly Struck[],
): Tampered {
  const content = structuredClone(plaintext)
  for (const fault of struck) if (!isOfEnvelope(fault)) changeContent(content, fault)
  const message = envelope(JSON.stringify(content))
  for (const fault of struck) {
    changeEnvelope(message, fault)
    const { resource } = message
    if (isSealed(resource)) spoilSealed(resource, fault)
  }
  return tamperText(message, struck)
}

const envelopePrefix = /^envelope\./
const isOfEnvelope = (fault: Struck) => envelopePrefix.test(fault.field ?? '')

function changeContent(message: JsonObject, fault: Struck): void {
  const { field = '', value = '' } = fault
  if (fault.kind === 'other-appid') setField(message, 'appid', 'wx00000000deadbeef')
  if (fault.kind === 'other-mchid') setField(message, 'mchid', '1900000109')
  if (fault.kind === 'unknown-fields') Object.assign(message, { future_field_x: 'keep-me', Another_field: { 新字段: [1, null] } })
  if (fault.kind === 'altered') setField(message, field, value)
  if (fault.kind === 'missing') dropField(message, field)
  if (fault.kind === 'amount-off') addFen(message, fault.by ?? 1)
}

/** Of a refund only what is refunded: the total of the order stays. */
function addFen({ amount }: JsonObject, by: number): void {
  if (typeof amount !== 'object' || amount === null) return
  const entries = Object.entries(amount).filter(([name]) => !('refund' in amount) || name.includes('refund'))
  for (const [name, fen] of entries) if (typeof fen === 'number') Object.assign(amount, { [name]: fen + by })
}

function changeEnvelope(message: JsonObject, fault: Struck): void {
  const field = (fault.field ?? '').replace(envelopePrefix, '')
  if (fault.kind === 'altered' && isOfEnvelope(fault)) setField(message, field, fault.value ?? '')
  if (fault.kind === 'missing' && isOfEnvelope(fault)) dropField(message, field)
  if (fault.kind === 'unknown-fields') message['future_field_x'] = 'keep-me'
  if (fault.kind === 'oversized') message['future_field_x'] = 'x'.repeat(100_000)
}

function certificatesIn({ data }: JsonObject): Sealed[] {
  if (!Array.isArray(data)) return []
  return data.flatMap((item: { encrypt_certificate?: unknown }) => (isSealed(item.encrypt_certificate) ? [item.encrypt_certificate] : []))
}

function isSealed(value: unknown): value is Sealed {
  return typeof value === 'object' && value !== null && 'ciphertext' in value && typeof value.ciphertext === 'string'
}

function spoilSealed(sealed: Sealed, { kind }: Struck): void {
  if (kind === 'corrupted') sealed.ciphertext = flipLastBit(sealed.ciphertext)
  if (kind === 'truncated-base64') sealed.ciphertext = sealed.ciphertext.slice(0, (sealed.ciphertext.length / 2) | 1)
  if (kind === 'wrong-aad') sealed.associated_data = sealed.associated_data === 'refund' ? 'transaction' : 'refund'
  if (kind === 'other-algorithm') sealed.algorithm = 'AEAD_SM4_GCM'
}

/** The tag is the end of the ciphertext. */
function flipLastBit(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
  return bytes.toString('base64')
}

function tamperText(message: JsonObject, struck: readonly Struck[]): Tampered {
  const has = (kind: Struck['kind']) => struck.some((fault) => fault.kind === kind)
  const ordered = has('shuffled') ? Object.fromEntries(Object.entries(message).toReversed()) : message
  const signed = JSON.stringify(has('not-an-object') ? [ordered] : ordered)
  const forged = structuredClone(ordered)
  for (const fault of struck) {
    if (fault.kind === 'forged') setField(forged, (fault.field ?? '').replace(envelopePrefix, ''), fault.value ?? '')
  }
  const whole = has('forged') ? JSON.stringify(forged) : signed
  return { signed, sent: has('truncated') ? whole.slice(0, whole.length / 2) : whole, seal: sealFaults(struck) }
}

function sealFaults(struck: readonly Struck[]): SealFaults {
  const find = (kind: Struck['kind']) => struck.find((fault) => fault.kind === kind)
  const stale = find('stale')
  const omit = find('missing-header')?.field
  return {
    unsigned: find('unsigned') !== undefined,
    signtest: find('signtest') !== undefined,
    wrongSignature: find('wrong-signature') !== undefined,
    wrongKey: find('wrong-key') !== undefined,
    unknownSerial: find('unknown-serial') !== undefined,
    ...(stale && { skewSeconds: -Math.round((stale.ms ?? staleMs) / 1000) }),
    ...(omit !== undefined && { omit }),
  }
}
