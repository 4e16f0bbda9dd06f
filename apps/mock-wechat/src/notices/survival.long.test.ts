import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing/bench.ts'
import { controlOf } from '../testing/control.ts'
import { kill, shopAt, spawnMock } from '../testing/process.ts'
import { accept, openReceiver, refuse } from '../testing/receiver.ts'
import { newNumber } from '../testing/shop.ts'
import { readXml } from '../v2/xml.ts'

const kills = 20
const customers = 8

/** Park and Miller's generator: enough to repeat a run from its seed. */
function dice(seed: number): (sides: number) => number {
  let state = (seed % 2_147_483_646) + 1
  return (sides) => {
    state = (state * 48_271) % 2_147_483_647
    return state % sides
  }
}

describe('R23 the mock, killed with -9 at random moments', () => {
  it(`keeps its word over ${kills} kills: what was answered is there, each payment once, each notice delivered`, async () => {
    const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))
    const roll = dice(seed)
    const dataDir = temporaryFolder()
    const receiver = await openReceiver((response) => (roll(3) === 0 ? refuse : accept)(response))
    const [created, paid] = [new Set<string>(), new Set<string>()]

    for (let round = 0; round < kills; round += 1) {
      const { child, url } = await spawnMock(dataDir)
      const [shop, control] = [await shopAt(url, receiver.url), controlOf(url)]
      const victimAfter = 1 + roll(customers * 4)
      let calls = 0
      const count = () => (++calls === victimAfter ? kill(child, 'SIGKILL') : undefined)

      const buy = async () => {
        const outTradeNo = newNumber()
        void count()
        await shop.create({ out_trade_no: outTradeNo })
        created.add(outTradeNo)
        void count()
        await control.pay({ outTradeNo })
        paid.add(outTradeNo)
        void count()
        await shop.query(outTradeNo)
        void count()
      }
      await Promise.allSettled(Array.from({ length: customers }, buy))
      if (child.exitCode === null && child.signalCode === null) await kill(child, 'SIGKILL')
    }

    const control = controlOf((await spawnMock(dataDir)).url)
    await control.advance(90_000_000)
    const trades = new Map((await control.trades()).map((trade) => [trade.outTradeNo, trade]))
    const notices = await control.notices()
    const problem = `seed ${seed}`
    expect(
      [...created].filter((outTradeNo) => !trades.has(outTradeNo)),
      problem,
    ).toEqual([])
    expect(
      [...paid].filter((outTradeNo) => trades.get(outTradeNo)?.state !== 'SUCCESS'),
      problem,
    ).toEqual([])
    expect(notices.map(({ outTradeNo }) => outTradeNo).toSorted(), problem).toEqual(
      [...trades.values()].flatMap(({ state, outTradeNo }) => (state === 'SUCCESS' ? outTradeNo : [])).toSorted(),
    )
    expect(
      notices.filter(({ state }) => state === 'waiting'),
      problem,
    ).toEqual([])
    const told = new Map<string, Set<string>>()
    for (const body of receiver.bodies) {
      const fields = readXml(body)
      const outTradeNo = fields.get('out_trade_no') ?? ''
      told.set(outTradeNo, (told.get(outTradeNo) ?? new Set()).add(fields.get('transaction_id') ?? ''))
    }
    expect(
      [...told].filter(([, transactions]) => transactions.size !== 1),
      problem,
    ).toEqual([])
    expect(
      [...paid].filter((outTradeNo) => !told.has(outTradeNo)),
      problem,
    ).toEqual([])
  })
})
