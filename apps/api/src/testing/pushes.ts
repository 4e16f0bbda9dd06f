import { createCipheriv } from 'node:crypto'
import { createMessageCipher, messageSignature } from 'wxpay-core/protocol'
import type { MessageSettings, PushQuery } from '../officialAccount/push.ts'

export const appId = 'wxd678efh567hg6787'
export const token = 'checkoutToken2026'
export const aesKey = 'qlchuW0rWWEmefDr5gRhkRLRY63QhXuaxrZTxg7uEQM'
export const plainSettings: MessageSettings = { appId, token, aesKey: null }
export const safeSettings: MessageSettings = { appId, token, aesKey }

export const openId = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
export const accountId = 'gh_7f083739789a'

/** What happened, as WeChat writes it. `changes` replace fields, or take them away. */
export function messageXml(changes: Record<string, string | undefined> = {}): string {
  const fields: Record<string, string | undefined> = {
    ToUserName: accountId,
    FromUserName: openId,
    CreateTime: '1767225600',
    MsgType: 'text',
    Content: '你好',
    MsgId: '24716231',
    ...changes,
  }
  const written = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : `<${name}><![CDATA[${value}]]></${name}>`))
  return `<xml>${written.join('')}</xml>`
}

export const eventXml = (event: string, eventKey: string) =>
  messageXml({ MsgType: 'event', Event: event, EventKey: eventKey, Content: undefined, MsgId: undefined })

export interface Push {
  query: PushQuery
  raw: Buffer
}

let nonces = 1_000_000_000

/** @param at - when WeChat signed it */
export function stampAt(at: Date) {
  return { timestamp: String(Math.floor(at.getTime() / 1000)), nonce: String(nonces++) }
}

export function plainPush(xml: string, at: Date): Push {
  const stamp = stampAt(at)
  return { query: { ...stamp, openid: openId, signature: messageSignature(token, stamp.timestamp, stamp.nonce) }, raw: Buffer.from(xml) }
}

/** @param sealed - what stands in Encrypt, when not the message by this account's key */
export function safePush(xml: string, at: Date, sealed = createMessageCipher(aesKey, appId).encrypt(xml)): Push {
  const { query } = plainPush('', at)
  const { timestamp = '', nonce = '' } = query
  const signature = messageSignature(token, timestamp, nonce, sealed)
  const outer = `<xml><ToUserName><![CDATA[${accountId}]]></ToUserName><Encrypt><![CDATA[${sealed}]]></Encrypt></xml>`
  return { query: { ...query, encrypt_type: 'aes', msg_signature: signature }, raw: Buffer.from(outer) }
}

/** Rightly encrypted up to the padding, which is of 33 bytes. */
export function sealedWithBadPadding(xml: string): string {
  const key = Buffer.from(`${aesKey}=`, 'base64')
  const text = Buffer.from(xml)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  const clear = Buffer.concat([Buffer.alloc(16, 'r'), length, text, Buffer.from(appId)])
  const count = 32 - (clear.length % 32)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  return Buffer.concat([cipher.update(Buffer.concat([clear, Buffer.alloc(count, 33)])), cipher.final()]).toString('base64')
}

/** Of the address, without the question mark. */
export function searchOf({ query }: Push, more: PushQuery = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, ...more })) if (value !== undefined) search.set(name, value)
  return search.toString()
}
