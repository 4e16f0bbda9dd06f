import type { Account, PushFormat, PushMode } from '../account.ts'
import { digits, hex, randomText } from '../../support/random.ts'
import { encrypt } from './cipher.ts'
import { writeMessage, type MessageFields } from './message.ts'
import { signatureOf } from './signature.ts'

/** What can be wrong with a push on command: what somebody would send who is not WeChat, or who got hold of an old one. */
export const pushFaults = {
  duplicate: 'sent twice, whatever the answer was',
  'wrong-signature': 'one character of signature is changed',
  'wrong-msg-signature': 'one character of msg_signature is changed',
  'signature-as-msg-signature': 'msg_signature is the signature over three items',
  'changed-encrypt': 'one character of Encrypt is changed after signing',
  'foreign-appid': 'rightly signed and encrypted, for another appid',
  'bad-padding': 'rightly signed, the padding of the clear text is wrong',
  'old-timestamp': 'rightly signed one hour ago',
  doctype: 'a DOCTYPE with an external entity in front of the body',
  'doctype-inside': 'rightly signed, the same inside the encrypted message',
} as const
export type PushFault = keyof typeof pushFaults

/** Those that have nothing to strike in a clear push, and those that XML is needed for. */
export const needsEncryption: readonly PushFault[] = [
  'wrong-msg-signature',
  'signature-as-msg-signature',
  'changed-encrypt',
  'foreign-appid',
  'bad-padding',
  'doctype-inside',
]
export const needsXml: readonly PushFault[] = ['doctype', 'doctype-inside']

/** A push as it goes over the wire. */
export interface Envelope {
  query: URLSearchParams
  contentType: string
  body: string
}

export interface Sending {
  fields: MessageFields
  account: Pick<Account, 'appid' | 'token' | 'aesKey'>
  mode: PushMode
  format: PushFormat
  openid: string
  /** Real time in milliseconds: receivers may refuse old ones. */
  now: number
  faults: readonly PushFault[]
}

const oldSeconds = 3600
const doctype = '<!DOCTYPE xml [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
const contentTypes: Record<PushFormat, string> = { xml: 'text/xml', json: 'application/json' }

/** Every attempt has its own timestamp, nonce and random bytes; whether WeChat's repeats do is not documented. */
export function seal(sending: Sending): Envelope {
  const { account, mode, format, openid, faults, fields } = sending
  const timestamp = String(Math.floor(sending.now / 1000) - (faults.includes('old-timestamp') ? oldSeconds : 0))
  const nonce = randomText(digits, 10)
  const signature = signatureOf(account.token, timestamp, nonce)
  const query = new URLSearchParams({
    signature: faults.includes('wrong-signature') ? changed(signature) : signature,
    timestamp,
    nonce,
    openid,
  })
  const outer = faults.includes('doctype') ? doctype : ''
  const contentType = contentTypes[format]
  if (mode === 'plain') return { query, contentType, body: outer + writeMessage(fields, format) }

  const encrypted = encryptMessage(sending)
  query.set('encrypt_type', 'aes')
  query.set('msg_signature', messageSignature(signatureOf(account.token, timestamp, nonce, encrypted), signature, faults))
  const sent = faults.includes('changed-encrypt') ? changed(encrypted) : encrypted
  const clear: [string, string][] = mode === 'safe' ? [['ToUserName', fields.get('ToUserName') ?? '']] : [...fields]
  return { query, contentType, body: outer + writeMessage(new Map([...clear, ['Encrypt', sent]]), format) }
}

function encryptMessage({ fields, account, format, faults }: Sending): string {
  const message = (faults.includes('doctype-inside') ? doctype : '') + writeMessage(fields, format)
  const appid = faults.includes('foreign-appid') ? `wx${randomText(hex, 16)}` : account.appid
  return encrypt({ message, appid, aesKey: account.aesKey, badPadding: faults.includes('bad-padding') })
}

function messageSignature(right: string, plainSignature: string, faults: readonly PushFault[]): string {
  if (faults.includes('signature-as-msg-signature')) return plainSignature
  return faults.includes('wrong-msg-signature') ? changed(right) : right
}

/** Another first character. */
const changed = (text: string): string => (text.startsWith('a') ? 'b' : 'a') + text.slice(1)
