import { callFaults, refundNoticeFaults } from './faultLists.ts'
import { day, hour, minute, ourPayments, strike, type OurPayment, type World } from './world.ts'

/** What of one day's money goes back because somebody wants it to. */
export function planRefunds(world: World, from: number): void {
  const { agenda, chance } = world
  const times = (count: number, act: () => Promise<void>) =>
    Array.from({ length: count }, () => agenda.plan(from + awake(chance.whole(9 * 60, 23 * 60) * minute), act))
  times(5, () => refundByOperator(world))
  times(2, () => refundInPlatform(world))
  // On both sides of midnight.
  agenda.plan(from + 23 * hour + 59 * minute + 30_000, () => refundByOperator(world))
}

const awake = (at: number) => (at > 14.8 * hour && at < 15.3 * hour ? at + hour : at)

/** Of the last days, with something left, and nothing wrong with it. */
async function pickPaid(world: World): Promise<OurPayment | undefined> {
  const since = new Date(world.stage.now() - 8 * day).toISOString()
  const paid = await ourPayments(world, `p.status = 'paid' AND p.anomalies = '{}' AND p.paid_at > '${since}'`)
  const [first, ...rest] = paid.filter(({ totalFen, reservedFen, refunds }) => reservedFen < totalFen && refunds < 3)
  return first && world.chance.pick([first, ...rest])
}

function partOf({ chance }: World, { totalFen, reservedFen }: OurPayment): number {
  const left = totalFen - reservedFen
  return chance.happens(0.4) ? left : chance.whole(1, left)
}

export async function refundByOperator(world: World): Promise<void> {
  const { stage, chance } = world
  const payment = await pickPaid(world)
  if (!payment) return
  const { outTradeNo, protocol } = payment
  if (chance.happens(0.4)) await strike(world, 'refund', chance.pick(callFaults[protocol]), { outTradeNo })
  if (chance.happens(0.1)) await strike(world, 'refund', { kind: 'before-answer' }, { outTradeNo })
  if (chance.happens(0.3)) await strike(world, 'refund-query', chance.pick(callFaults[protocol]), { outTradeNo })
  await troubleItsEnd(world, payment)
  await stage.shop.refund(outTradeNo, partOf(world, payment))
}

async function refundInPlatform(world: World): Promise<void> {
  const { stage, chance } = world
  const payment = await pickPaid(world)
  if (!payment) return
  const { outTradeNo, protocol } = payment
  if (chance.happens(0.3)) await strike(world, 'refund-query', chance.pick(callFaults[protocol]), { outTradeNo })
  await troubleItsEnd(world, payment)
  try {
    await stage.mock.order('POST', 'refunds', { outTradeNo, mchid: stage.merchant.mchid, refundFen: partOf(world, payment) })
  } catch (error) {
    // The purse is empty, or a refund of which we did not know yet was first.
    if (!(error instanceof Error && /"(not_enough|too_much|all_refunded)"/.test(error.message))) throw error
  }
}

async function troubleItsEnd(world: World, { outTradeNo, protocol }: OurPayment): Promise<void> {
  const { stage, chance } = world
  if (chance.happens(0.3)) await strike(world, 'notice', chance.pick(refundNoticeFaults[protocol]), { outTradeNo, about: 'refund' })
  const outcome = chance.pick(['success', 'success', 'success', 'success', 'success', 'closed', 'abnormal', 'hold'])
  if (outcome === 'success') return
  world.faults.set(`refund ${outcome}`, (world.faults.get(`refund ${outcome}`) ?? 0) + 1)
  await stage.mock.order('POST', 'refunds/outcome', { outcome, times: 1 })
}

/** The merchant has spent what it got: for some hours nothing can go back. */
export function planEmptyPurse(world: World, from: number): void {
  const { agenda, stage } = world
  agenda.plan(from + 12 * hour, async () => {
    world.faults.set('funds', (world.faults.get('funds') ?? 0) + 1)
    await stage.mock.order('POST', 'funds', { refundableFen: 50 })
  })
  agenda.plan(from + 19 * hour, () => stage.mock.order('POST', 'funds', { refundableFen: null }))
}
