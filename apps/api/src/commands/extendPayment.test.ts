import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { CheckoutNotFoundError, OrderNotExtendableError } from '../domain/errors.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { cancelOrder } from './cancelOrder.ts'
import { extendPayment } from './extendPayment.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const minute = 60_000
const extend = (token: string) => extendPayment(shop.payments, { token })

describe('more time', () => {
  it('keeps the code open past its first countdown, and the job closes it at the new end', async () => {
    const { token, outTradeNo } = await shop.shown()
    await shop.work(4 * minute)
    const before = (await shop.read(token)).order.version
    const { order } = await extend(token)
    expect(order.version).toBe(before + 1)
    await shop.work(4 * minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending' })
    await shop.work(minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
  })

  it('ends with WeChat’s window, which was fixed by the create', async () => {
    const { token, outTradeNo } = await shop.shown()
    const { expiresAt } = await shop.payment(outTradeNo)
    for (let time = 0; time < 2; time += 1) {
      await shop.work(4 * minute)
      await extend(token)
    }
    await shop.work(4 * minute)
    await extend(token)
    expect(await shop.payment(outTradeNo)).toMatchObject({ codeExpiresAt: expiresAt, expiresAt })
    await expect(extend(token)).rejects.toThrow(OrderNotExtendableError)
    await shop.work(3 * minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
  })

  it('R17 is not given to a code that WeChat says is paid, was wrongly paid, is being closed or is paid', async () => {
    const confirming = await shop.shown()
    shop.wechat.pay(confirming.outTradeNo)
    await shop.work(61_000)
    await expect(extend(confirming.token)).rejects.toThrow(OrderNotExtendableError)

    const wrong = await shop.shown()
    await shop.notice(shop.wechat.noticeOf(wrong.outTradeNo, { totalFen: toFen(1) }))
    await expect(extend(wrong.token)).rejects.toThrow(OrderNotExtendableError)

    const closing = await shop.shown()
    shop.wechat.during.close = () => 'lose-before'
    await cancelOrder(shop.payments, { token: closing.token })
    await expect(extend(closing.token)).rejects.toThrow(OrderNotExtendableError)

    const paid = await shop.shown()
    await shop.notice(shop.wechat.pay(paid.outTradeNo))
    await expect(extend(paid.token)).rejects.toThrow(OrderNotExtendableError)
  })

  it('knows no order that is not there', async () => {
    await expect(extend('no-such-token-at-all-here')).rejects.toThrow(CheckoutNotFoundError)
  })
})
