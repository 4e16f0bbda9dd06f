import { z } from 'zod'
import { readXml, XmlError } from '../../v2/xml.ts'
import type { Account, PushFormat, PushMode } from '../account.ts'
import { decrypt } from './cipher.ts'
import { signatureOf } from './signature.ts'

/** How WeChat takes an answer of HTTP 200. */
export type Verdict =
  | { type: 'success' | 'empty' }
  /** The user sees it. */
  | { type: 'reply'; msgType: string; content: string | null }
  /** The user sees that the account is out of order. */
  | { type: 'wrong'; reason: string }

export interface Asked {
  account: Pick<Account, 'appid' | 'token' | 'aesKey' | 'originalId'>
  mode: PushMode
  format: PushFormat
  openid: string
}

class Wrong extends Error {
  override readonly name = 'Wrong'
}

/**
 * `success` and nothing at all are fine everywhere; a reply must be a message to the sender, encrypted in safe mode.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Passive_user_reply_message.html
 */
export function judgeReply(answer: string, asked: Asked): Verdict {
  if (answer === '') return { type: 'empty' }
  if (answer === 'success') return { type: 'success' }
  try {
    const fields = read(answer, asked.format)
    return judgeMessage(fields.has('Encrypt') ? open(fields, asked) : clear(fields, asked), asked)
  } catch (cause) {
    if (cause instanceof Wrong) return { type: 'wrong', reason: cause.message }
    throw cause
  }
}

const JsonMessage = z.record(z.string(), z.union([z.string(), z.number().transform(String)]))

function read(text: string, format: PushFormat): ReadonlyMap<string, string> {
  try {
    return format === 'xml' ? readXml(text) : new Map(Object.entries(JsonMessage.parse(JSON.parse(text))))
  } catch (cause) {
    if (cause instanceof XmlError) throw new Wrong(`not success, not empty, and no XML: ${cause.message}`)
    throw new Wrong('not success, not empty, and no flat JSON')
  }
}

function clear(fields: ReadonlyMap<string, string>, { mode }: Asked): ReadonlyMap<string, string> {
  if (mode === 'safe') throw new Wrong('the reply is not encrypted')
  return fields
}

function open(fields: ReadonlyMap<string, string>, { account, format, mode }: Asked): ReadonlyMap<string, string> {
  if (mode === 'plain') throw new Wrong('the reply is encrypted, and the account is not')
  const part = (name: string) => fields.get(name) ?? ''
  const expected = signatureOf(account.token, part('TimeStamp'), part('Nonce'), part('Encrypt'))
  if (part('MsgSignature') !== expected) throw new Wrong('MsgSignature is wrong')
  const { message, appid } = decryptReply(part('Encrypt'), account.aesKey)
  if (appid !== account.appid) throw new Wrong('the appid behind the message is not that of the account')
  return read(message, format)
}

function decryptReply(encrypted: string, aesKey: string): { message: string; appid: string } {
  try {
    return decrypt(encrypted, aesKey)
  } catch (cause) {
    throw new Wrong(`Encrypt cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** Types with parts of their own (image, news …) are not read here. */
function judgeMessage(fields: ReadonlyMap<string, string>, { account, openid }: Asked): Verdict {
  const part = (name: string) => fields.get(name) ?? ''
  if (part('ToUserName') !== openid) throw new Wrong('ToUserName is not the openid of the sender')
  if (part('FromUserName') !== account.originalId) throw new Wrong('FromUserName is not the original id of the account')
  if (!/^\d{1,10}$/.test(part('CreateTime'))) throw new Wrong('CreateTime is not a time in seconds')
  const msgType = part('MsgType')
  if (msgType === 'transfer_customer_service') return { type: 'reply', msgType, content: null }
  if (msgType !== 'text') throw new Wrong(`MsgType ${msgType} is not known here`)
  if (part('Content') === '') throw new Wrong('Content is empty')
  return { type: 'reply', msgType, content: part('Content') }
}
