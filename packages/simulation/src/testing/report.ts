import type { Books } from './books.ts'
import type { Sabotage } from './saboteur.ts'
import type { Diary } from './shoppers.ts'
import type { Stack } from './stack.ts'

interface Run {
  seed: number
  paidBy: string
  seconds: number
  books: Books
  diaries: readonly Diary[]
  chaos: Sabotage
  /** Answers 500 that shoppers got. */
  serverErrors: number
  stack: Stack
}

/** The figures of a run, as they go into the documents. */
export function figures({ seed, paidBy, seconds, books, diaries, chaos, serverErrors, stack }: Run): string {
  const { payments, orders, notices, mockNotices, trades } = books
  const kills = [...chaos.kills].map(([target, times]) => `${target} ${times}`)
  const total = [...chaos.kills.values()].reduce((sum, times) => sum + times, 0)
  const attempts = mockNotices.flatMap(({ attempts: all }) => all)
  return `
kill runs, SEED=${seed}, protocol ${stack.protocol}, WXPAY_PAID_BY=${paidBy}: ${diaries.length} checkouts in ${seconds} s
  kills      ${total} (${kills.join(', ')}), ${chaos.duringStart()} of the following ones before all was up again
  faults     ${[...chaos.faults].join(', ')}
  orders     ${tally(orders.map(({ status, closed_reason: reason }) => reason ?? status))}
  payments   ${payments.length}: ${tally(payments.map(({ status, anomalies }) => [status, ...anomalies].join(' ')))}
  paid by    ${tally(books.events.filter(({ type }) => type.startsWith('payment.paid')).map(({ source }) => source))}
  WeChat     ${trades.length} trades: ${tally(trades.map(({ state }) => state))}
  notices    ${mockNotices.length} sent in ${attempts.length} attempts, ${notices.length} stored, ${deliveries(books)} deliveries beyond the first
  shoppers   ${tally(diaries.map(({ story }) => story))}
  API        ${stack.api.ownEnds.beforeReady} failed starts, ${stack.api.ownEnds.afterReady} ends by itself, ${serverErrors} answers 500
`
}

function deliveries({ notices }: Books): number {
  return notices.reduce((sum, { deliveries: times }) => sum + times - 1, 0)
}

function tally(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, count]) => `${word} ${count}`).join(', ')
}
