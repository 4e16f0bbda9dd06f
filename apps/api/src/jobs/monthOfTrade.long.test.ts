import { describe, expect, it, onTestFinished } from 'vitest'
import type { Protocol } from 'wxpay-core/protocol'
import { checkLedger } from '../commands/checkLedger.ts'
import { beijingDay, beijingDayBounds, dayAfter } from '../domain/beijingDay.ts'
import { seeded } from '../testing/month/chance.ts'
import * as books from '../testing/month/books.ts'
import { liveThroughMonth } from '../testing/month/month.ts'
import { openStage } from '../testing/month/stage.ts'

/** As many as every fault of the bills needs. */
const days = Number(process.env['DAYS'] ?? 35)
const seed = Number(process.env['SEED'] ?? 1)
const longest = 1_800_000

/** v2 alone has its own bills; with both, payments of both stand in v3's. */
describe.each<{ name: string; protocols: readonly [Protocol, ...Protocol[]] }>([
  { name: 'v2', protocols: ['v2'] },
  { name: 'v2 and v3', protocols: ['v2', 'v3'] },
])('R12–R22 a month of trade over $name', ({ name, protocols }) => {
  it(
    'with every fault comes out to the fen',
    async () => {
      const begun = performance.now()
      const stage = await openStage({ startAt: (now) => beijingDayBounds(dayAfter(beijingDay(now))).from.getTime() })
      onTestFinished(() => stage.close())
      const { world, billDates } = await liveThroughMonth(stage, { chance: seeded(seed), days, protocols })

      const { shop } = stage
      const checked = await checkLedger({ ...shop.payments, show: shop.tasks.showLedger })
      const payments = await books.expectSamePayments(world)
      const refunds = await books.expectSameRefunds(world)
      const duplicates = await books.expectDuplicatesRefundedOnce(world)
      const differences = await books.expectDifferences(world)
      const aside = await books.expectBillsSetAside(world)
      const flowFen = await books.expectSameBalance(world, billDates)
      await books.expectSameHistory(world)
      process.stdout.write(`
a month of trade over ${name}, SEED=${seed}: ${days} days in ${Math.round((performance.now() - begun) / 1000)} s
  payments ${payments}, of them duplicates ${duplicates}; refunds ${refunds}; the account moved by ${flowFen} fen
  faults of calls, notices and bills: ${[...world.faults.values()].reduce((sum, count) => sum + count, 0)}, ${world.faults.size} kinds
    ${[...world.faults]
      .map(([kind, count]) => `${kind} ${count}`)
      .toSorted()
      .join(', ')}
  notices: ${Object.entries(stage.noticeResults)
    .map(([end, count]) => `${end} ${count}`)
    .toSorted()
    .join(', ')}
  differences: ${JSON.stringify(differences)}; bills set aside: ${aside}
  unexplained: ${checked.figures.unexplainedFen} fen; ${JSON.stringify(checked.figures)}
`)
      expect(checked.problems).toEqual([])
      expect(await shop.sql(`SELECT type, at, data FROM events WHERE type = 'ledger.differs'`)).toEqual([])
      expect(await shop.sql(`SELECT kind, bill_date, state FROM bills WHERE state NOT IN ('reconciled', 'empty')`)).toEqual([])
    },
    longest,
  )
})
