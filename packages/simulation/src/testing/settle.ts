import type { MockControl } from './mockControl.ts'
import type { ShopClient } from './shopClient.ts'
import { until } from './until.ts'

/** Lost jobs are taken up within a minute or two, a create without an answer is given half a minute, retries back off to a minute. */
const giveUpMs = 900_000

/** Lets WeChat's ladder run until no notice waits, and waits until every order has come to its end by itself. */
export async function settle(control: MockControl, shop: ShopClient, tokens: readonly string[]): Promise<void> {
  const open = new Set(tokens)
  await until(
    async () => {
      const waiting = await climb(control)
      for (const token of open) if ((await shop.viewOf(token)).status !== 'unpaid') open.delete(token)
      return open.size === 0 && !waiting ? true : undefined
    },
    { what: () => `the end of ${open.size} orders (${[...open].join(', ')}) and of the notices`, giveUpMs },
  )
}

/** Moves WeChat's clock to the next rung. @returns whether a notice was waiting */
async function climb(control: MockControl): Promise<boolean> {
  const due = (await control.notices()).filter(({ state }) => state === 'waiting').map(({ nextAttemptAt }) => nextAttemptAt)
  const times = due.flatMap((at) => (at === null ? [] : Date.parse(at)))
  if (times.length === 0) return false
  await control.advance(Math.max(0, Math.min(...times) - (await control.now())))
  return true
}
