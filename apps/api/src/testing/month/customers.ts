import { cancelOrder } from '../../commands/cancelOrder.ts'
import { noticeFaults } from './faultLists.ts'
import { hour, loseEverythingAbout, minute, strike, type World } from './world.ts'

type Opened = { token: string; outTradeNo: string }

/** What customers do on one day. @param from - its first moment in Beijing */
export function planCustomers(world: World, from: number, { losing, mismatching }: { losing: boolean; mismatching: boolean }): void {
  const { agenda, chance } = world
  const times = (count: number, act: (at: number) => void) => Array.from({ length: count }, () => act(from + shoppingTime(world)))
  times(12, (at) => planSale(world, at))
  times(2, (at) => agenda.plan(at, async () => void (await open(world))))
  times(2, (at) => planLateMoney(world, at))
  times(2, (at) => planSecondPayment(world, at))
  times(1, (at) => planPaidWhileClosing(world, at))
  times(1, (at) => agenda.plan(at, () => payBeforeTheAnswer(world)))
  if (losing) times(1, (at) => planLostSale(world, at))
  if (mismatching) times(1, (at) => planMismatch(world, at))
  // On both sides of midnight.
  planSale(world, from + chance.whole(0, 3) * minute + 5_000)
  for (const at of [23 * hour + 57 * minute, 23 * hour + 58.5 * minute]) planSale(world, from + at + chance.whole(0, 30) * 1_000)
}

/** Not while the service is away in the afternoon. */
function shoppingTime({ chance }: World): number {
  const at = chance.whole(8 * 60, 21 * 60) * minute
  return at > 14.5 * hour && at < 15.3 * hour ? at + hour : at
}

export async function open({ stage, chance }: World): Promise<Opened> {
  return stage.shop.shown(chance.whole(100, 30_000))
}

export async function pay(world: World, outTradeNo: string, more: object = {}): Promise<void> {
  const { stage, chance } = world
  const couponFen = chance.happens(0.15) ? chance.whole(1, 90) : 0
  await stage.mock.order('POST', 'pay', { outTradeNo, ...(couponFen > 0 && { couponFen }), ...more })
}

function planSale(world: World, at: number): void {
  const { agenda, chance } = world
  agenda.plan(at, async () => {
    const { outTradeNo } = await open(world)
    if (chance.happens(0.5)) await troubleNotices(world, outTradeNo)
    agenda.plan(at + chance.whole(20, 80) * 1_000, () => pay(world, outTradeNo))
  })
}

async function troubleNotices(world: World, outTradeNo: string): Promise<void> {
  const { protocol } = await world.stage.shop.payment(outTradeNo)
  await strike(world, 'notice', world.chance.pick(noticeFaults[protocol === 'v3' ? 'v3' : 'v2']), { outTradeNo, about: 'payment' })
}

/** The shopper gives up, and the bank was slow. */
function planLateMoney(world: World, at: number): void {
  const { agenda, chance, stage } = world
  agenda.plan(at, async () => {
    const { token, outTradeNo } = await open(world)
    agenda.plan(at + minute, async () => void (await cancelOrder(stage.shop.payments, { token })))
    agenda.plan(at + chance.whole(3, 9) * minute, () => pay(world, outTradeNo, { late: true }))
  })
}

/** Both codes of one order are paid: the first was closed when its money came. */
function planSecondPayment(world: World, at: number): void {
  const { agenda, chance, stage } = world
  agenda.plan(at, async () => {
    const { token, outTradeNo } = await open(world)
    agenda.plan(at + 6 * minute, async () => {
      await stage.shop.refresh(token)
      const second = (await stage.shop.last(token)).outTradeNo
      if (second === outTradeNo) throw new Error('no second attempt')
      const paid = [() => pay(world, second, { late: true }), () => pay(world, outTradeNo, { late: true })]
      if (chance.happens(0.5)) paid.reverse()
      paid.forEach((act, index) => agenda.plan(at + 7 * minute + index * 20_000, act))
    })
  })
}

/** The payer's thumb is quicker than our close. */
function planPaidWhileClosing(world: World, at: number): void {
  world.agenda.plan(at, async () => {
    const { outTradeNo } = await open(world)
    await strike(world, 'close', { kind: 'paid-meanwhile' }, { outTradeNo })
  })
}

async function payBeforeTheAnswer(world: World): Promise<void> {
  await strike(world, 'create', { kind: 'before-answer' })
  await open(world)
}

/** Neither notice nor query tells of the money. */
function planLostSale(world: World, at: number): void {
  const { agenda } = world
  agenda.plan(at, async () => {
    const { outTradeNo } = await open(world)
    world.lost.add(outTradeNo)
    await loseEverythingAbout(world, outTradeNo)
    agenda.plan(at + 30_000, () => pay(world, outTradeNo))
  })
}

function planMismatch(world: World, at: number): void {
  const { agenda } = world
  agenda.plan(at, async () => {
    const { outTradeNo } = await open(world)
    world.mismatched.add(outTradeNo)
    await strike(world, 'notice', { kind: 'amount-off' }, { outTradeNo, about: 'payment' })
    agenda.plan(at + 10_000, () => pay(world, outTradeNo))
  })
}
