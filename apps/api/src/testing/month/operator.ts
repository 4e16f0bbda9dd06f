import { z } from 'zod'
import { acceptPayment } from '../../commands/acceptPayment.ts'
import { resolveDiscrepancy } from '../../commands/resolveDiscrepancy.ts'
import { ourPayments, hour, type World } from './world.ts'

const Named = z.object({ outTradeNo: z.string() })
const Id = z.object({ id: z.string() })

/** What a person does each noon: whatever the service has asked one to do. */
export async function operate(world: World): Promise<void> {
  await acceptWhatNoNoticeTells(world)
  await sendBackWhatNobodyWants(world)
  await finishAtWechat(world)
  await resolveOld(world)
}

async function acceptWhatNoNoticeTells(world: World): Promise<void> {
  const { shop } = world.stage
  for (const row of await shop.sql(
    `SELECT out_trade_no AS "outTradeNo" FROM payments WHERE confirming_since IS NOT NULL AND status <> 'paid' AND anomalies = '{}'`,
  )) {
    const { outTradeNo } = Named.parse(row)
    if (!world.lost.has(outTradeNo)) continue
    const accepted = await acceptPayment(shop.payments, { outTradeNo, operator: 'month' })
    if (!accepted.accepted) throw new Error(`${outTradeNo} is not accepted: ${accepted.reason}`)
  }
}

/** Flagged late money, and what should have gone back by itself and was closed on its way. */
async function sendBackWhatNobodyWants(world: World): Promise<void> {
  const unwanted = await ourPayments(
    world,
    `p.status = 'paid' AND ('duplicate' = ANY (p.anomalies) OR ('paid-after-close' = ANY (p.anomalies) AND o.status = 'closed'))`,
  )
  for (const { outTradeNo, totalFen, reservedFen } of unwanted) {
    if (reservedFen < totalFen) await world.stage.shop.refund(outTradeNo, totalFen - reservedFen)
  }
}

/** In the merchant platform, after some hours: what the bank did not take goes to another card; what was held back ends one way or the other. */
async function finishAtWechat({ stage, chance }: World): Promise<void> {
  for (const { refundId, status, acceptedAt } of await stage.books.refunds()) {
    const isOld = stage.now() - acceptedAt.getTime() > 18 * hour
    if (!isOld || (status !== 'ABNORMAL' && status !== 'PROCESSING')) continue
    const end = status === 'ABNORMAL' || chance.happens(0.5) ? 'SUCCESS' : 'CLOSED'
    await stage.mock.order('POST', `refunds/${refundId}/finish`, { status: end })
  }
}

async function resolveOld({ stage }: World): Promise<void> {
  const { shop } = stage
  const before = new Date(stage.now() - 36 * hour)
  for (const row of await shop.sql(`SELECT id::text FROM discrepancies WHERE state = 'open' AND opened_at < $1`, [before])) {
    await resolveDiscrepancy(shop.bills, { id: Id.parse(row).id, reason: 'WeChat’s merchant platform shows what we have' })
  }
}
