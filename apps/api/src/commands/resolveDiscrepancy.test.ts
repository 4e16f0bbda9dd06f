import { afterAll, beforeAll, expect, it } from 'vitest'
import { DiscrepancyNotFoundError, DiscrepancyResolvedError } from '../domain/billErrors.ts'
import { openBillShop, type BillShop } from '../testing/billShop.ts'
import { resolveDiscrepancy } from './resolveDiscrepancy.ts'

let shop: BillShop
beforeAll(async () => (shop = await openBillShop()))
afterAll(() => shop.close())

it('R21 a difference is resolved once, by a person who says why, and moves no money', async () => {
  const paid = await shop.paidAt('2026-03-01T12:00:00+08:00')
  await shop.morning('2026-03-01')
  const [open] = await shop.discrepancies()
  const id = String(open?.['id'])
  const before = await shop.payment(paid.outTradeNo)
  const ask = () => resolveDiscrepancy(shop.bills, { id, reason: 'told by WeChat’s support' })
  const settled = await Promise.allSettled([ask(), ask()])
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  await expect(ask()).rejects.toThrow(DiscrepancyResolvedError)
  expect(await shop.discrepancies('resolved')).toMatchObject([{ id, resolver: 'operator', reason: 'told by WeChat’s support' }])
  expect((await shop.eventTypes(paid.token)).filter((type) => type === 'discrepancy.resolved')).toHaveLength(1)
  expect(await shop.payment(paid.outTradeNo)).toEqual(before)
})

it('a difference that is not there is told by its own error', async () => {
  await expect(resolveDiscrepancy(shop.bills, { id: '999', reason: 'why' })).rejects.toThrow(DiscrepancyNotFoundError)
})
