import { createMessageCipher, isMessageSignature, MalformedXmlError, MessageCipherError, readXml } from 'wxpay-core/protocol'
import type { WechatAccountsConfig } from '../config/readWechatAccounts.ts'
import type { AccountMessage } from '../domain/accountMessage.ts'
import { hashOf } from '../support/secrets.ts'
import { toMessage } from './message.ts'

export type PushRefusal =
  | 'missing-parameter'
  | 'stale'
  | 'wrong-signature'
  /** It came in the clear, and the settings want it encrypted. */
  | 'not-encrypted'
  /** It came encrypted, and the settings have no key. */
  | 'no-key'
  /** Not the XML that WeChat sends: DOCTYPE, entities, attributes. */
  | 'malformed'
  /** Another key, another appid, wrong padding. */
  | 'undecryptable'
  | 'incomplete'
  /** Its signature came before, with another message or long since answered. */
  | 'replayed'

/** Nothing of it is kept. */
export class PushRefusedError extends Error {
  override readonly name = 'PushRefusedError'
  readonly reason: PushRefusal

  constructor(reason: PushRefusal, options?: ErrorOptions) {
    super(`push refused: ${reason}`, options)
    this.reason = reason
  }
}

export type MessageSettings = NonNullable<WechatAccountsConfig['messages']>

/** Parameters of the address; a name that stands there twice is missing. */
export type PushQuery = Readonly<Record<string, string | undefined>>

/** What is signed stays fresh so long. WeChat names no limit; its servers' clocks are right. */
const freshMs = 300_000

export interface OpenedPush {
  /** null: WeChat's, and of a kind that nests (pictures chosen from a menu, consent to notices), which nothing here needs. */
  message: AccountMessage | null
  isEncrypted: boolean
  /** The same for the very same envelope. */
  envelopeHash: string
}

/** WeChat asks whether this address is the account's. @returns what has to be answered, to the byte @throws {PushRefusedError} */
export function openServerCheck({ token }: MessageSettings, query: PushQuery, now: Date): string {
  const { timestamp, nonce } = readStamp(query, now)
  if (!isMessageSignature(query['signature'] ?? '', token, timestamp, nonce)) throw new PushRefusedError('wrong-signature')
  const echo = query['echostr'] ?? ''
  if (!/^[\x21-\x7e]{1,1024}$/.test(echo)) throw new PushRefusedError('missing-parameter')
  return echo
}

/**
 * Freshness, signature, XML gate, decryption, fields: nothing is taken from a message before it is known to be WeChat's.
 *
 * @throws {PushRefusedError}
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Message_encryption_and_decryption_instructions.html
 */
export function openPush(settings: MessageSettings, query: PushQuery, raw: Buffer, now: Date): OpenedPush {
  const stamp = readStamp(query, now)
  const isEncrypted = query['encrypt_type'] === 'aes'
  if (!isEncrypted && settings.aesKey !== null) throw new PushRefusedError('not-encrypted')
  const clear = isEncrypted ? decrypt(settings, query, stamp, raw) : checkClear(settings, query, stamp, raw)
  const signature = isEncrypted ? query['msg_signature'] : query['signature']
  return {
    message: readMessage(clear),
    isEncrypted,
    envelopeHash: hashOf([signature, stamp.timestamp, stamp.nonce].join(' ')),
  }
}

interface Stamp {
  timestamp: string
  nonce: string
}

function readStamp({ timestamp = '', nonce = '' }: PushQuery, now: Date): Stamp {
  if (!/^\d{10}$/.test(timestamp) || !/^[\w-]{1,128}$/.test(nonce)) throw new PushRefusedError('missing-parameter')
  if (Math.abs(now.getTime() - Number(timestamp) * 1000) > freshMs) throw new PushRefusedError('stale')
  return { timestamp, nonce }
}

/** This signature says nothing about the body: without encryption, only https stands between. */
function checkClear({ token }: MessageSettings, query: PushQuery, { timestamp, nonce }: Stamp, raw: Buffer): Buffer {
  if (!isMessageSignature(query['signature'] ?? '', token, timestamp, nonce)) throw new PushRefusedError('wrong-signature')
  return raw
}

/** In compatible mode the clear fields stand beside: they are not signed and not read. */
function decrypt({ appId, token, aesKey }: MessageSettings, query: PushQuery, { timestamp, nonce }: Stamp, raw: Buffer): Buffer {
  if (aesKey === null) throw new PushRefusedError('no-key')
  const encrypted = encryptedPart(raw)
  if (!isMessageSignature(query['msg_signature'] ?? '', token, timestamp, nonce, encrypted)) throw new PushRefusedError('wrong-signature')
  try {
    return Buffer.from(createMessageCipher(aesKey, appId).decrypt(encrypted), 'utf8')
  } catch (cause) {
    if (cause instanceof MessageCipherError) throw new PushRefusedError('undecryptable', { cause })
    throw cause
  }
}

/** Before the signature: anybody may have sent it, so nothing but the gate reads it. An envelope does not nest. */
function encryptedPart(raw: Buffer): string {
  const encrypted = readFlat(raw).get('Encrypt') ?? ''
  if (!/^[A-Za-z0-9+/]{1,65536}={0,2}$/.test(encrypted)) throw new PushRefusedError('malformed')
  return encrypted
}

function readFlat(bytes: Buffer): Map<string, string> {
  try {
    return readXml(bytes)
  } catch (cause) {
    if (cause instanceof MalformedXmlError) throw new PushRefusedError('malformed', { cause })
    throw cause
  }
}

function readMessage(clear: Buffer): AccountMessage | null {
  const fields = readFields(clear)
  if (fields === null) return null
  const message = toMessage(fields, clear.toString('utf8'))
  if (message === null) throw new PushRefusedError('incomplete')
  return message
}

/** null: plain elements that nest, and nothing worse. */
function readFields(bytes: Buffer): Map<string, string> | null {
  try {
    return readFlat(bytes)
  } catch (error) {
    if (error instanceof PushRefusedError && isNested(bytes.toString('utf8'))) return null
    throw error
  }
}

/** Elements and text only, once CDATA is taken out: no declaration, comment, instruction, attribute or entity. */
function isNested(text: string): boolean {
  const bare = withoutCdata(text)
  return bare !== null && /^<xml>[^&]*<\/xml>\s*$/.test(bare) && /^(?:<\/?[A-Za-z]\w{0,63}>|[^<&])*$/.test(bare)
}

/** Looks at each place once: an expression would look for an end from every beginning anew. @returns null when a section does not end */
function withoutCdata(text: string): string | null {
  let bare = ''
  let at = 0
  for (;;) {
    const start = text.indexOf('<![CDATA[', at)
    if (start < 0) return bare + text.slice(at)
    const end = text.indexOf(']]>', start)
    if (end < 0) return null
    bare += text.slice(at, start)
    at = end + 3
  }
}
