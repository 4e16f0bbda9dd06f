import type { PushFormat } from '../account.ts'
import { digits, randomText } from '../../support/random.ts'

/** A message of the chat, as WeChat names its fields, in its order. */
export type MessageFields = ReadonlyMap<string, string>

export const eventNames = ['subscribe', 'unsubscribe', 'SCAN', 'CLICK', 'VIEW'] as const
export type EventName = (typeof eventNames)[number]

/** What happened in the chat. */
export type Happening =
  | { type: 'text'; text: string }
  /** `key`: scene of a parametric code, key of a menu button, or the address of a menu link. */
  | { type: 'event'; event: EventName; key?: string | undefined }

/** Numbers stand bare in XML, and without quotes in JSON: also the 64 bits of MsgId. */
const bare: ReadonlySet<string> = new Set(['CreateTime', 'MsgId'])

interface Sender {
  originalId: string
  openid: string
  /** Unix seconds. */
  createTime: number
}

/** @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_event_pushes.html */
export function messageFields(happening: Happening, { originalId, openid, createTime }: Sender): MessageFields {
  const envelope: [string, string][] = [
    ['ToUserName', originalId],
    ['FromUserName', openid],
    ['CreateTime', String(createTime)],
    ['MsgType', happening.type],
  ]
  const content = happening.type === 'text' ? textFields(happening.text) : eventFields(happening.event, happening.key)
  return new Map([...envelope, ...content])
}

/** MsgId is a number above 2^53: whoever reads it as one loses digits. */
const textFields = (text: string): [string, string][] => [
  ['Content', text],
  ['MsgId', `2${randomText(digits, 16)}9`],
]

function eventFields(event: EventName, key = ''): [string, string][] {
  const ticket: [string, string] = ['Ticket', `gQ${randomText(digits, 8)}AAAAAAAAAASxodHRwOi8v`]
  const named: [string, string] = ['Event', event]
  switch (event) {
    case 'subscribe':
      return key === '' ? [named, ['EventKey', '']] : [named, ['EventKey', `qrscene_${key}`], ticket]
    case 'SCAN':
      return [named, ['EventKey', key], ticket]
    case 'VIEW':
      return [named, ['EventKey', key], ['MenuId', randomText(digits, 9)]]
    case 'CLICK':
    case 'unsubscribe':
      return [named, ['EventKey', key]]
  }
}

export function writeMessage(fields: MessageFields, format: PushFormat): string {
  return format === 'xml' ? writeXmlMessage(fields) : writeJsonMessage(fields)
}

function writeXmlMessage(fields: MessageFields): string {
  const elements = [...fields].map(([name, value]) => {
    if (isBare(name, value)) return `<${name}>${value}</${name}>`
    return `<${name}><![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]></${name}>`
  })
  return `<xml>${elements.join('')}</xml>`
}

function writeJsonMessage(fields: MessageFields): string {
  const members = [...fields].map(([name, value]) => `${JSON.stringify(name)}:${isBare(name, value) ? value : JSON.stringify(value)}`)
  return `{${members.join(',')}}`
}

const isBare = (name: string, value: string) => bare.has(name) && /^\d+$/.test(value)
