import { describe, expect, it } from 'vitest'
import * as core from 'wxpay-core/money'
import { formatYuan, halfWidth, parseYuan } from '../miniprogram/checkout/money.ts'

const typed = [
  ['0', '0.', '0.0', '0.00', '0.01', '.', '.5', '5.', '12.5', '12.50', '19.9', '1.005', '0.29', '0.57', '1.1', '4.35', '8.2'],
  ['007', '000.10', '9999999', '9999999.99', '10000000', '00009999999', '99999999.99'],
  ['１２．５０', '１２。５', '￥１２', '¥ 12.50', '12元', ' 12 ', '1 2', '１，２８０．００'],
  ['1,280.00', '12,5', '1,28', '1,2800', ',128', '1,280,000', '12,345,678', '1,280.0,0', '1.2,3'],
  ['', ' ', '元', 'abc', '1e3', '-1', '+1', '1..2', '1.2.3', '0x10', 'NaN', 'Infinity', '12.345', '١٢', '一百', '12\n', '1_000'],
].flat()

describe('yuan in the mini program', () => {
  it.each(typed)('reads %j as the checkout’s own money does', (text) => {
    const { ok, ...rest } = core.parseYuan(text)
    const expected = 'amount' in rest ? { ok, amountFen: rest.amount } : { ok, ...rest }
    expect(parseYuan(text)).toEqual(expected)
    expect(halfWidth(text)).toBe(core.normaliseYuanText(text))
  })

  it('reads every amount up to 200 yuan back as it was written, without a float in between', () => {
    for (let fen = 0; fen <= 20_000; fen++) {
      expect(formatYuan(fen)).toBe(core.formatYuan(core.toFen(fen)))
      expect(parseYuan(formatYuan(fen))).toEqual({ ok: true, amountFen: fen })
    }
  })

  it.each([999_999_999, 100_000_000, 5_000_000])('writes %i fen as the checkout does', (fen) => {
    expect(formatYuan(fen)).toBe(core.formatYuan(core.toFen(fen)))
  })
})
