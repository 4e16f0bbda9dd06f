import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openCertified } from '../testing/certifiedShop.ts'
import { newNumber } from '../testing/shop.ts'

const day = 86_400_000
const minute = 60_000
const Limits = z.object({ items: z.array(z.object({ mchid: z.string(), struck: z.record(z.string(), z.number()) })) })

describe('the limits of refunds, each counted when it is struck', () => {
  async function openLimits() {
    const bench = await openCertified()
    const outTradeNo = await bench.paid()
    const struck = async () => {
      const { items } = Limits.parse(await bench.control.must('GET', 'limits'))
      const own = items.find(({ mchid }) => mchid === bench.merchant.mchid)?.struck ?? {}
      return Object.fromEntries(Object.entries(own).filter(([, count]) => count > 0))
    }
    return { ...bench, outTradeNo, struck, again: (fen = '1') => bench.refund({ out_trade_no: outTradeNo, refund_fee: fen }) }
  }

  it('a minute between two refunds of one order, not between repeats of one', async () => {
    const { again, refund, outTradeNo, control, struck } = await openLimits()
    const same = { out_trade_no: outTradeNo, out_refund_no: newNumber() }
    await refund(same)
    expect(await refund(same)).toMatchObject({ result_code: 'SUCCESS' })
    expect(await struck()).toEqual({})
    await control.advance(minute - 1)
    expect(await again()).toMatchObject({ err_code: 'FREQUENCY_LIMITED' })
    await control.advance(1)
    expect(await again()).toMatchObject({ result_code: 'SUCCESS' })
    expect(await struck()).toEqual({ interval: 1 })
  })

  it('50 refunds of one order', async () => {
    const { again, control, struck } = await openLimits()
    for (let n = 0; n < 50; n += 1) {
      expect(await again()).toMatchObject({ result_code: 'SUCCESS' })
      await control.advance(minute)
    }
    expect(await again()).toMatchObject({ err_code: 'INVALID_REQUEST' })
    expect(await struck()).toEqual({ perOrder: 1 })
  })

  it('365 days after the payment', async () => {
    const { again, control, struck } = await openLimits()
    await control.advance(365 * day)
    expect(await again()).toMatchObject({ result_code: 'SUCCESS' })
    await control.advance(minute)
    expect(await again()).toMatchObject({ err_code: 'TRADE_OVERDUE' })
    expect(await struck()).toEqual({ age: 1 })
  })

  it('what the merchant has to give back', async () => {
    const { again, control, struck, merchant } = await openLimits()
    await control.must('POST', 'funds', { mchid: merchant.mchid, refundableFen: 1000 })
    expect(await again('1001')).toMatchObject({ err_code: 'NOTENOUGH' })
    expect(await again('600')).toMatchObject({ result_code: 'SUCCESS' })
    await control.advance(minute)
    expect(await again('600')).toMatchObject({ err_code: 'NOTENOUGH' })
    await control.must('POST', 'funds', { refundableFen: null })
    expect(await again('600')).toMatchObject({ result_code: 'SUCCESS' })
    expect(await struck()).toEqual({ funds: 2 })
  })

  it('too many bad calls', async () => {
    const { refund, again, struck } = await openLimits()
    const bad = () => refund({ out_trade_no: newNumber() })
    for (let n = 0; n < 6; n += 1) expect(await bad()).toMatchObject({ err_code: 'ORDERNOTEXIST' })
    expect(await bad()).toMatchObject({ err_code: 'INVALID_REQ_TOO_MUCH' })
    expect(await again()).toMatchObject({ err_code: 'INVALID_REQ_TOO_MUCH' })
    expect(await struck()).toEqual({ failing: 2 })
  })

  it('a reset forgets', async () => {
    const { again, control, struck } = await openLimits()
    await again()
    await again()
    await control.reset()
    expect(await struck()).toEqual({})
    expect((await control.call('GET', 'refunds')).json).toEqual({ items: [] })
  })
})
