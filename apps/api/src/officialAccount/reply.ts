import { randomInt } from 'node:crypto'
import { createMessageCipher, messageSignature } from 'wxpay-core/protocol'
import type { AccountMessage } from '../domain/accountMessage.ts'
import type { MessageSettings } from './push.ts'

/** WeChat takes it for "received, nothing to say" (chapter 被动回复用户消息). */
export const nothingToSay = 'success'

/**
 * A text for who sent the message, in the format of the account: encrypted when there is a key.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Passive_user_reply_message.html
 */
export function writeReply(settings: MessageSettings, { openId, accountId }: AccountMessage, content: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000)
  const clear =
    `<xml><ToUserName>${cdata(openId)}</ToUserName><FromUserName>${cdata(accountId)}</FromUserName>` +
    `<CreateTime>${seconds}</CreateTime><MsgType>${cdata('text')}</MsgType><Content>${cdata(content)}</Content></xml>`
  return settings.aesKey === null ? clear : encrypted(settings, settings.aesKey, clear, seconds)
}

function encrypted({ appId, token }: MessageSettings, aesKey: string, clear: string, seconds: number): string {
  const sealed = createMessageCipher(aesKey, appId).encrypt(clear)
  const nonce = String(randomInt(1_000_000_000, 10_000_000_000))
  const signature = messageSignature(token, String(seconds), nonce, sealed)
  return (
    `<xml><Encrypt>${cdata(sealed)}</Encrypt><MsgSignature>${cdata(signature)}</MsgSignature>` +
    `<TimeStamp>${seconds}</TimeStamp><Nonce>${cdata(nonce)}</Nonce></xml>`
  )
}

/** What XML cannot carry is left out: a handler's text may come from anywhere. */
function cdata(text: string): string {
  const writable = text.replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
  return `<![CDATA[${writable.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
}
