import { createHash } from 'node:crypto'
import type { AccountMessage } from '../domain/accountMessage.ts'

const shapes = {
  FromUserName: /^[\w-]{1,128}$/,
  ToUserName: /^[\w-]{1,128}$/,
  CreateTime: /^\d{1,10}$/,
  MsgType: /^\w{1,64}$/,
} as const

/** @returns null when it lacks what every message has @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html */
export function toMessage(fields: ReadonlyMap<string, string>, raw: string): AccountMessage | null {
  const isWhole = Object.entries(shapes).every(([name, shape]) => shape.test(fields.get(name) ?? ''))
  const type = fields.get('MsgType') === 'event' ? fields.get('Event') : fields.get('MsgType')
  const key = keyOf(fields)
  if (!isWhole || type === undefined || !/^\w{1,64}$/.test(type) || key === null) return null
  return {
    type,
    openId: fields.get('FromUserName') ?? '',
    accountId: fields.get('ToUserName') ?? '',
    sentAt: new Date(Number(fields.get('CreateTime')) * 1000),
    eventKey: fields.get('EventKey') || null,
    content: fields.get('Content') ?? null,
    fields,
    key,
    raw,
  }
}

/** WeChat says how repeats are told: messages by MsgId, events, which have none, by who and when. Two events of one second differ in the rest. */
function keyOf(fields: ReadonlyMap<string, string>): string | null {
  const messageId = fields.get('MsgId')
  if (messageId !== undefined) return /^\d{1,32}$/.test(messageId) ? `message ${messageId}` : null
  if (fields.get('MsgType') !== 'event') return null
  const parts = ['FromUserName', 'CreateTime', 'Event', 'EventKey'].map((name) => fields.get(name) ?? '')
  return `event ${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`
}
