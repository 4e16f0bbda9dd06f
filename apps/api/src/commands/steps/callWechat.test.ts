import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WechatUnknownOutcomeError } from 'wxpay-core/protocol'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { askWechat } from './askWechat.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const requestId = '08F4E5D4B20610A70118AA8C6E20C4A90128BE9F02-0'

const answersOf = async (outTradeNo: string) => {
  const { id } = await shop.payment(outTradeNo)
  return shop.db.selectFrom('wechat_answers').select(['call', 'outcome', 'request_id']).where('payment_id', '=', id).orderBy('id').execute()
}
const dataOf = async (orderId: string, type: string) =>
  (await shop.db.selectFrom('events').select('data').where('order_id', '=', orderId).where('type', '=', type).execute()).map(
    ({ data }) => data,
  )

describe('WeChat’s own number of a call or of a notice', () => {
  it('R13 is kept with its answer, where there is one', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.requestId = requestId
    await askWechat(shop.payments, await shop.payment(outTradeNo), 'query')
    expect(await answersOf(outTradeNo)).toEqual([
      { call: 'prepay', outcome: 'created', request_id: null },
      { call: 'query', outcome: 'pending', request_id: requestId },
    ])
  })

  it('R13 is kept with an answer that cannot be trusted', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.during.query = () => {
      throw new WechatUnknownOutcomeError('query', new Error('500'), { raw: '{}', requestId })
    }
    await askWechat(shop.payments, await shop.payment(outTradeNo), 'query')
    expect((await answersOf(outTradeNo)).at(-1)).toEqual({ call: 'query', outcome: 'unknown', request_id: requestId })
  })

  it('R13 stands in the history of a refusal', async () => {
    shop.wechat.requestId = requestId
    shop.wechat.refuseWith = { code: 'NO_AUTH', description: '商户无权限' }
    const { orderId } = await shop.shown()
    expect(await dataOf(orderId, 'payment.refused')).toEqual([{ code: 'NO_AUTH', description: '商户无权限', requestId }])
  })

  it('R9 stands in the history of wrong money, and with the notice', async () => {
    const { orderId, outTradeNo } = await shop.shown()
    shop.wechat.reportFen = 99
    shop.wechat.requestId = requestId
    const notice = shop.wechat.noticeOf(outTradeNo)
    expect(await shop.notice(notice)).toBe('flagged')
    expect(await dataOf(orderId, 'payment.amount-mismatch')).toMatchObject([{ requestId }])
    expect(await shop.sql('SELECT request_id FROM notices WHERE notice_id = $1', [notice.noticeId])).toEqual([{ request_id: requestId }])
  })

  it('R17 stands in the history of a payment that is confirming', async () => {
    const { orderId, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    shop.wechat.requestId = requestId
    await askWechat(shop.payments, await shop.payment(outTradeNo), 'query')
    expect(await dataOf(orderId, 'payment.confirming')).toMatchObject([{ requestId }])
  })
})
