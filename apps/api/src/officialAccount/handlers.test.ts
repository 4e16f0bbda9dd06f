import { expect, it } from 'vitest'
import { toFen } from 'wxpay-core/money'
import type { AccountMessage } from '../domain/accountMessage.ts'
import { handlers } from './handlers.ts'

const token = 'A'.repeat(32)

const scanOf = (eventKey: string): AccountMessage => ({
  type: 'SCAN',
  openId: 'oLin',
  accountId: 'gh_1',
  sentAt: new Date(0),
  eventKey,
  content: null,
  fields: new Map(),
  key: 'event 1',
  raw: '',
})

it.each(['unpaid', 'paid', 'closed'] as const)(
  'the only link in the shop’s chat is the shop’s own, whatever an order’s description says (%s)',
  async (status) => {
    const description = '<a href="https://evil.example">领奖</a>'
    const context = { publicUrl: 'https://shop.example', findOrder: async () => ({ description, amountFen: toFen(1), status }) }
    const reply = (await handlers.get('SCAN')?.(scanOf(token), context)) ?? ''
    expect(reply).toContain('＜a href="https://evil.example"＞领奖＜/a＞ ¥0.01')
    expect([...reply.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href)).toEqual(
      status === 'unpaid' ? [`https://shop.example/pay/${token}`] : [],
    )
  },
)
