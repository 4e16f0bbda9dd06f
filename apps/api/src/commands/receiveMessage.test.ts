import { pino } from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { handlers, type Handler } from '../officialAccount/handlers.ts'
import { openPush, PushRefusedError } from '../officialAccount/push.ts'
import { openAccountBench } from '../testing/accountBench.ts'
import { eventXml, messageXml, plainPush, plainSettings, safePush, safeSettings, type Push } from '../testing/pushes.ts'
import { openTestShop } from '../testing/testShop.ts'
import { MessageNotStoredError, receiveMessage, type MessageContext } from './receiveMessage.ts'

/** As long as nothing may depend on. */
const ample = 60_000

async function openChat(handler: Handler = async () => 'hello') {
  const bench = await openAccountBench()
  const context: MessageContext = { ...bench.context, handlers: new Map([['text', handler]]), logger: pino({ level: 'silent' }) }
  return {
    ...bench,
    push: (xml: string) => safePush(xml, bench.clock.now()),
    receive: ({ query, raw }: Push, withinMs = ample) =>
      receiveMessage(context, safeSettings, openPush(safeSettings, query, raw, bench.clock.now()), withinMs),
    receivePlain: ({ query, raw }: Push) =>
      receiveMessage(context, plainSettings, openPush(plainSettings, query, raw, bench.clock.now()), ample),
  }
}

describe('a message', () => {
  it('is stored as WeChat sent it, and handled', async () => {
    const chat = await openChat()
    expect(await chat.receive(chat.push(messageXml()))).toEqual({ reply: 'hello', outcome: 'handled' })
    expect(await chat.sql('SELECT type, raw, deliveries, reply FROM account_messages')).toEqual([
      { type: 'text', raw: messageXml(), deliveries: 1, reply: 'hello' },
    ])
  })

  it('that comes three times is handled once, and answered the same each time', async () => {
    const handler = vi.fn<Handler>(async () => 'hello')
    const chat = await openChat(handler)
    const first = await chat.receive(chat.push(messageXml()))
    expect(await chat.receive(chat.push(messageXml()))).toEqual({ ...first, outcome: 'repeat' })
    expect(await chat.receive(chat.push(messageXml()))).toEqual({ ...first, outcome: 'repeat' })
    expect(handler).toHaveBeenCalledTimes(1)
    expect(await chat.sql('SELECT deliveries FROM account_messages')).toEqual([{ deliveries: 3 }])
  })

  it('that comes twenty times at once is handled once', async () => {
    const handler = vi.fn<Handler>(async () => 'hello')
    const chat = await openChat(handler)
    const all = await Promise.all(Array.from({ length: 20 }, () => chat.receive(chat.push(messageXml()))))
    expect(handler).toHaveBeenCalledTimes(1)
    expect(all.filter(({ outcome }) => outcome === 'handled')).toHaveLength(1)
    expect(await chat.sql('SELECT deliveries FROM account_messages')).toEqual([{ deliveries: 20 }])
  })

  it('whose handler takes too long is answered without it, once and for all', async () => {
    const never = vi.fn<Handler>(() => new Promise(() => undefined))
    const chat = await openChat(never)
    expect(await chat.receive(chat.push(messageXml()), 3_000)).toEqual({ reply: null, outcome: 'late' })
    expect(await chat.receive(chat.push(messageXml()))).toMatchObject({ reply: null, outcome: 'repeat' })
    expect(never).toHaveBeenCalledTimes(1)
  })

  it('whose handler fails is answered without it', async () => {
    const chat = await openChat(() => Promise.reject(new Error('a bug')))
    expect(await chat.receive(chat.push(messageXml()))).toEqual({ reply: null, outcome: 'failed' })
  })

  it('of a kind that nobody handles is stored, and nothing is said', async () => {
    const chat = await openChat()
    expect(await chat.receive(chat.push(messageXml({ MsgType: 'constructor' })))).toEqual({ reply: null, outcome: 'unhandled' })
    expect(await chat.rowsOf('account_messages')).toBe(1)
  })

  it('is taken up from a process that died over it', async () => {
    const handler = vi.fn<Handler>(async () => 'hello')
    const chat = await openChat(handler)
    await chat.receive(chat.push(messageXml()))
    await chat.sql('UPDATE account_messages SET handled_at = NULL, reply = NULL')
    await chat.sql('UPDATE account_envelopes SET answered_at = NULL')
    expect(await chat.receive(chat.push(messageXml()))).toEqual({ reply: null, outcome: 'repeat' }) // its lease runs
    chat.clock.advance(10_001)
    expect(await chat.receive(chat.push(messageXml()))).toEqual({ reply: 'hello', outcome: 'handled' })
    expect(handler).toHaveBeenCalledTimes(2)
  })

  it('that the database does not take in time is not acknowledged: WeChat sends it again', async () => {
    const chat = await openChat()
    await expect(chat.receive(chat.push(messageXml()), 0)).rejects.toThrow(MessageNotStoredError)
  })
})

describe('a replay', () => {
  it('of an envelope that was answered is refused, and leaves nothing behind', async () => {
    const chat = await openChat()
    const push = chat.push(messageXml())
    await chat.receive(push)
    const before = await chat.textOf('account_messages')
    await expect(chat.receive(push)).rejects.toThrow(PushRefusedError)
    expect(await chat.textOf('account_messages')).toBe(before)
    expect(await chat.rowsOf('account_envelopes')).toBe(1)
  })

  it('of a signature with another message is refused: in the clear it does not cover the message', async () => {
    const chat = await openChat()
    const push = plainPush(messageXml(), chat.clock.now())
    await chat.receivePlain(push)
    const forged = { ...push, raw: Buffer.from(messageXml({ MsgId: '666' })) }
    await expect(chat.receivePlain(forged)).rejects.toThrow(PushRefusedError)
    expect(await chat.rowsOf('account_messages')).toBe(1)
  })

  it('is none while the first delivery of the same envelope has had no answer', async () => {
    const chat = await openChat()
    const push = chat.push(messageXml())
    await chat.receive(push)
    await chat.sql('UPDATE account_envelopes SET answered_at = NULL')
    expect(await chat.receive(push)).toEqual({ reply: 'hello', outcome: 'repeat' })
  })
})

describe('a code whose scene is an order', () => {
  async function scan(status: 'unpaid' | 'paid', event: 'SCAN' | 'subscribe', scene: (token: string) => string) {
    const shop = await openTestShop()
    try {
      const { token } = await shop.shown(1250)
      if (status === 'paid') await shop.sql("UPDATE orders SET status = 'paid', recorded_at = now(), paid_at = now()")
      const context: MessageContext = {
        db: shop.db,
        clock: shop.clock,
        publicUrl: 'https://shop.example',
        handlers,
        logger: pino({ level: 'silent' }),
      }
      const { query, raw } = safePush(eventXml(event, scene(token)), shop.clock.now())
      const { reply } = await receiveMessage(context, safeSettings, openPush(safeSettings, query, raw, shop.clock.now()), ample)
      return reply?.replaceAll(token, 'TOKEN') ?? null
    } finally {
      await shop.close()
    }
  }

  it('gets whoever scans it a link to pay', async () => {
    const link = '青禾书店 ¥12.50\n<a href="https://shop.example/pay/TOKEN">点此付款 · Pay here</a>'
    expect(await scan('unpaid', 'SCAN', (token) => token)).toBe(link)
    expect(await scan('unpaid', 'subscribe', (token) => `qrscene_${token}`)).toBe(link)
  })

  it('says so when the order is paid, and nothing when there is no such order', async () => {
    expect(await scan('paid', 'SCAN', (token) => token)).toBe('青禾书店 ¥12.50\n已支付 · Paid')
    expect(await scan('unpaid', 'SCAN', () => 'A'.repeat(32))).toBeNull()
  })
})
