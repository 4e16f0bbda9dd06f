import { describe, expect, it } from 'vitest'
import { readSettings } from './testing/settings.ts'
import { audit, type PaidBy } from './testing/audit.ts'
import { readBooks } from './testing/books.ts'
import { inParallel } from './testing/inParallel.ts'
import type { Protocol } from './testing/protocol.ts'
import { seeded } from './testing/random.ts'
import { figures } from './testing/report.ts'
import { saboteur } from './testing/saboteur.ts'
import { settle } from './testing/settle.ts'
import { shopClient } from './testing/shopClient.ts'
import { type Diary, live } from './testing/shoppers.ts'
import { stackOfTest } from './testing/stackOfTest.ts'

const { seed, payments, protocols, env } = readSettings(process.env)
const shoppersAtOnce = 4
/** Bounds what would never end; a run of 50 payments takes some minutes. */
const longest = 3_600_000

/** Both protocols and both policies have their turn; the seed says which go together. */
const runs: { paidBy: PaidBy; protocol: Protocol }[] = [
  { paidBy: 'notice', protocol: protocols[0] },
  { paidBy: 'notice-or-query', protocol: protocols[1] },
]

describe.each(runs)(`kill -9 at random moments, protocol $protocol, WXPAY_PAID_BY=$paidBy, SEED=${seed}`, ({ paidBy, protocol }) => {
  const random = seeded(seed)
  it(
    `R23 leaves ${payments} payments each in its right state, whatever dies: API, PostgreSQL, WeChat, or all at once`,
    async () => {
      const settings = { QR_LIFE_SECONDS: '12', TRADE_LIFE_SECONDS: '7200', ORDER_LIFE_SECONDS: '5', WXPAY_PAID_BY: paidBy }
      const stack = await stackOfTest({ env, protocol, settings })
      const startedAt = performance.now()
      const serverErrors: string[] = []
      const shop = shopClient(stack.apiUrl, {
        onAnswer: ({ status, errorCode }) => void (status === 500 && serverErrors.push(errorCode ?? '')),
      })
      const diaries: Diary[] = []
      const chaos = saboteur(stack, random)
      await chaos.until(
        inParallel(shoppersAtOnce, payments, (index) =>
          live({ index, shop, control: stack.control, random: seeded(seed + index) }, diaries),
        ),
      )
      await settle(
        stack.control,
        shop,
        diaries.flatMap(({ token }) => token ?? []),
      )
      const books = await readBooks(stack.postgres, stack.control)
      const seconds = Math.round((performance.now() - startedAt) / 1000)
      process.stdout.write(figures({ seed, paidBy, seconds, books, diaries, chaos, serverErrors: serverErrors.length, stack }))
      expect({ folder: stack.dataDir, problems: audit(books, diaries, paidBy) }).toEqual({ folder: stack.dataDir, problems: [] })
      expect(stack.api.ownEnds.afterReady, 'the API ended by itself').toBe(0)
      expect(serverErrors, 'answers 500 where 503 would be right').toEqual([])
    },
    longest,
  )
})
