import { Agent, request } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readBooks } from './testing/books.ts'
import { forgeriesV2, genuineV2 } from './testing/forgeriesV2.ts'
import { forgeriesV3, genuineV3 } from './testing/forgeriesV3.ts'
import type { Forgery, Message } from './testing/forgery.ts'
import { inParallel } from './testing/inParallel.ts'
import type { MockControl } from './testing/mockControl.ts'
import { paymentNotice } from './testing/noticeV2.ts'
import { paidTransaction } from './testing/noticeV3.ts'
import type { Protocol } from './testing/protocol.ts'
import { readSettings } from './testing/settings.ts'
import { settle } from './testing/settle.ts'
import { type ShopClient, shopClient } from './testing/shopClient.ts'
import type { Stack } from './testing/stack.ts'
import { stackOfTest } from './testing/stackOfTest.ts'
import { wechatPrivateKey } from './testing/wechatPrivateKey.ts'

const { env, protocols, forgeries: count } = readSettings(process.env)
const atOnce = 16
/** One honest payment for so many forged notices. */
const honestEvery = 100
const victims = 20
const amountFen = 100
const longest = 1_800_000

describe.each(protocols)('a flood of forged notices of protocol %s', (protocol) => {
  it(
    `accepts none of ${count} and stores nothing of them, while every honest one between them is taken`,
    async () => {
      const stack = await stackOfTest({ env, protocol, settings: { QR_LIFE_SECONDS: '3600', TRADE_LIFE_SECONDS: '7200' } })
      const deliver = delivery(stack.apiUrl)
      const shop = shopClient(stack.apiUrl, { onAnswer: () => undefined })
      const tokens: string[] = []
      await inParallel(4, victims, async (index) => void tokens.push((await shop.open(`victim-${index}`, amountFen)).token))
      const before = await readBooks(stack.postgres, stack.control)
      const { forged, genuine } = await forgedNotices(
        stack,
        before.payments.map(({ out_trade_no: no }) => no),
      )
      const accepted = new Set<string>()
      const refused = new Map<number, number>()
      const honest: string[] = []

      await inParallel(atOnce, count, async (index) => {
        if (index % honestEvery === 0) honest.push(await payHonestly(shop, stack.control, index))
        const { name, write } = forged[index % forged.length] ?? forged[0]
        const answer = await deliver(write())
        if (answer.status < 400 || answer.text.includes('SUCCESS')) accepted.add(`${name}: ${answer.status} ${answer.text}`)
        else refused.set(answer.status, (refused.get(answer.status) ?? 0) + 1)
      })
      await settle(stack.control, shop, honest)

      const after = await readBooks(stack.postgres, stack.control)
      process.stdout.write(`
forged notices of protocol ${protocol}: ${count}, in turn of ${forged.length} made for ${victims + 1} payments, ${accepted.size} accepted; answers ${JSON.stringify([...refused])}
  honest ones between them: ${honest.length}, all paid
`)
      expect([...accepted]).toEqual([])
      expect([...refused.keys()].toSorted((a, b) => a - b)).toEqual(refusals[protocol])
      // Whatever was done to the victims is seen here: their rows are as they were before the flood.
      const known = new Set(before.orders.map(({ id }) => id))
      expect(after.orders.filter(({ id }) => known.has(id))).toEqual(before.orders)
      expect(after.payments.filter(({ order_id: id }) => known.has(id))).toEqual(before.payments)
      expect(after.events.filter(({ order_id: id }) => id === null || known.has(id))).toEqual(before.events)
      const honestTrades = after.trades.filter(({ state }) => state === 'SUCCESS').map(({ outTradeNo }) => outTradeNo)
      expect(after.notices.map(({ out_trade_no: no }) => no).toSorted()).toEqual(honestTrades.toSorted())
      expect(after.orders.filter(({ status }) => status === 'paid')).toHaveLength(honest.length)
      expect(await countedAsRefused(stack.apiUrl)).toBe(count)
      // What they were made from, with nothing wrong, would have been taken: each was refused for what its name says.
      expect((await deliver(genuine())).status).toBeLessThan(300)
    },
    longest,
  )
})

/** In v3 401 for whoever has not proved to be WeChat. */
const refusals: Record<Protocol, number[]> = { v2: [400], v3: [400, 401] }

/** Aimed at payments that are waiting, and at one that nobody knows. */
async function forgedNotices(
  { protocol, control, dataDir }: Stack,
  numbers: readonly string[],
): Promise<{ forged: readonly [Forgery, ...Forgery[]]; genuine: () => Message }> {
  const [merchant, stranger] = await control.merchants()
  if (!merchant || !stranger) throw new Error('the mock has two merchants')
  const wechat = wechatPrivateKey(dataDir, merchant.mchId)
  const made = [...numbers, 'NOBODYKNOWSTHISNUMBER'].map((outTradeNo) => {
    const transactionId = '4200000000202611210000000001'
    const about = { appId: merchant.appId, mchId: merchant.mchId, outTradeNo, totalFen: amountFen, transactionId }
    const v2 = { merchant, signType: 'HMAC-SHA256', strangersKey: stranger.keyV2, fields: paymentNotice(about) } as const
    const v3 = { merchant, stranger, wechatPrivateKey: wechat, transaction: paidTransaction(about) }
    return protocol === 'v3'
      ? { forged: forgeriesV3(v3), genuine: () => genuineV3(v3) }
      : { forged: forgeriesV2(v2), genuine: () => genuineV2(v2) }
  })
  const [first, ...others] = made.flatMap(({ forged }) => forged)
  const [victim] = made
  if (!first || !victim) throw new Error('there are forgeries')
  return { forged: [first, ...others], genuine: victim.genuine }
}

async function payHonestly(shop: ShopClient, control: MockControl, index: number): Promise<string> {
  const { token, codeUrl } = await shop.open(`honest-${index}`, amountFen)
  if (codeUrl === null || !(await control.pay({ codeUrl }))) throw new Error('an honest shopper could not pay')
  return token
}

function delivery(apiUrl: string): (message: Message) => Promise<{ status: number; text: string }> {
  const agent = new Agent({ connections: atOnce })
  onTestFinished(() => agent.close())
  return async ({ path, headers, body }) => {
    const answer = await request(apiUrl + path, { method: 'POST', headers, body, dispatcher: agent })
    return { status: answer.statusCode, text: await answer.body.text() }
  }
}

async function countedAsRefused(apiUrl: string): Promise<number> {
  const text = await (await fetch(`${apiUrl}/metrics`)).text()
  const lines = text.matchAll(/^wechat_notices_total\{[^}]*result="refused"[^}]*\} (\d+)$/gm)
  return [...lines].reduce((sum, [, times]) => sum + Number(times), 0)
}
