import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { BillKindUnavailableError, WechatRefusedError, WechatUnknownOutcomeError, type BillAnswer } from 'wxpay-core/protocol'
import { requestBill } from '../../commands/requestBill.ts'
import { BillDayNotOverError, BillTooOldError } from '../../domain/billErrors.ts'
import { claimBillTurns } from '../../storage/billDuties.ts'
import { readPlain } from '../../storage/billPieces.ts'
import { billMchId, paymentLine, ready, tradeBillText } from '../../testing/billFiles.ts'
import { morningAfter, openBillShop, type BillShop } from '../../testing/billShop.ts'
import { fetchBill } from './fetchBill.ts'

let shop: BillShop
beforeAll(async () => (shop = await openBillShop()))
afterAll(() => shop.close())
beforeEach(() => shop.forget())

const dayMs = 86_400_000
const minuteMs = 60_000

/** A day of its own for each test: the shop's clock never goes back. */
let days = 0
async function begin(): Promise<{ day: string; text: string }> {
  days += 12
  const day = new Date(Date.UTC(2026, 2, 1) + days * dayMs).toISOString().slice(0, 10)
  shop.clock.reach(new Date(`${day}T12:00:00+08:00`))
  const paid = await shop.paidAt(`${day}T12:00:00+08:00`, 4580)
  return { day, text: tradeBillText([paymentLine(paid)]) }
}

const only = (day: string, answer: () => BillAnswer) => shop.billsAre({ [`trade ${day}`]: answer })
const asked = () => shop.wechat.billsAsked.filter(({ kind }) => kind === 'trade').map(({ billDate }) => billDate)

async function kept(day: string): Promise<string> {
  const bill = await shop.bill(day)
  const chunks: Uint8Array[] = []
  for await (const chunk of readPlain(shop.bills.store.db, String(bill?.['id']))) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

describe('R21 the plan', () => {
  it('has both bills of a day once, at ten in Beijing and not before, however many processes plan', async () => {
    const { day } = await begin()
    shop.clock.reach(new Date(morningAfter(day).getTime() - 11 * minuteMs))
    await shop.tasksNow('plan-bills')
    expect(await shop.bill(day)).toBeUndefined()
    shop.clock.reach(morningAfter(day))
    await Promise.all(Array.from({ length: 5 }, () => shop.tasksNow('plan-bills')))
    expect(await shop.sql('SELECT kind, state, bill_date::text AS day FROM bills ORDER BY kind')).toEqual([
      { kind: 'fund-flow', state: 'due', day },
      { kind: 'trade', state: 'due', day },
    ])
  })

  it('leaves the flow of funds out where the settings cannot have it', async () => {
    const { day } = await begin()
    shop.wechat.forbidRefunds()
    shop.clock.reach(morningAfter(day))
    await shop.tasksNow('plan-bills')
    expect(await shop.sql('SELECT kind FROM bills')).toEqual([{ kind: 'trade' }])
  })

  it('begins with the first payment of this merchant number', async () => {
    await shop.tasksNow('plan-bills')
    expect(await shop.sql('SELECT FROM bills')).toEqual([])
  })

  it('gives a day as text, whatever the time zone of the machine', async () => {
    const { day } = await begin()
    await shop.morning(day)
    const bills = await shop.bills.store.db.selectFrom('bills').select('bill_date').where('kind', '=', 'trade').execute()
    expect(bills).toEqual([{ bill_date: day }])
  })
})

describe('R21 fetching a bill', () => {
  it('keeps the very bytes, with the hash that WeChat announced', async () => {
    const { day, text } = await begin()
    only(day, () => ready(text))
    expect(await shop.morning(day)).toEqual(expect.arrayContaining(['fetch-bill', 'reconcile-bill']))
    expect(await shop.bill(day)).toMatchObject({ state: 'reconciled', tries: 1, plain_bytes: String(Buffer.byteLength(text)) })
    expect(await kept(day)).toBe(text)
  })

  it('asks again after half an hour while WeChat has not made it', async () => {
    const { day, text } = await begin()
    let isMade = false
    only(day, () => (isMade ? ready(text) : { state: 'not-ready' }))
    await shop.morning(day, 29)
    expect(asked()).toHaveLength(1)
    expect(await shop.bill(day)).toMatchObject({ state: 'due', problem: { code: 'not-ready' } })
    isMade = true
    await shop.work(5 * minuteMs)
    expect(await shop.bill(day)).toMatchObject({ state: 'reconciled', problem: null })
  })

  it.each<[string, Error, string]>([
    ['no answer that can be trusted', new WechatUnknownOutcomeError('bill', new Error('reset')), 'no-answer'],
    ['a refusal', new WechatRefusedError('bill', { meaning: 'other', code: 'NO_AUTH', description: '无权限', raw: '' }), 'refused'],
  ])('after %s is tried again, ever more slowly, and told once when it does not come', async (_case, error, code) => {
    const { day } = await begin()
    only(day, () => {
      throw error
    })
    await shop.morning(day, 10)
    expect(asked()).toHaveLength(4)
    expect(await shop.bill(day)).toMatchObject({ state: 'due', problem: { code } })
    expect(shop.billAlarms).toEqual([])
    await shop.work(12 * 60 * minuteMs)
    expect(shop.billAlarms.filter((told) => told.startsWith('trade'))).toEqual([`trade ${day} missing: ${code}`])
  })

  it('sets a bill aside that the settings do not allow any more', async () => {
    const { day } = await begin()
    only(day, () => {
      throw new BillKindUnavailableError('needs the certificate')
    })
    await shop.morning(day)
    expect(await shop.bill(day)).toMatchObject({ state: 'set-aside', problem: { code: 'kind-unavailable' } })
  })
})

describe('R21 a bill that is not believed', () => {
  const setAside = async (day: string, code: string) => {
    expect(await shop.bill(day)).toMatchObject({ state: 'set-aside', problem: { code }, next_try_at: null })
    expect(await shop.events('bill.set_aside')).toMatchObject([{ source: 'bill', data: { billDate: day, code } }])
    expect(shop.billAlarms).toEqual([`trade ${day} set aside: ${code}`])
    expect(await shop.sql('SELECT FROM bill_rows')).toEqual([])
    expect(await shop.discrepancies()).toEqual([])
  }
  const broken = (text: string) => text.replace('`4200', '')
  const others = (text: string) => text.replaceAll(billMchId, '1900000001')

  it.each<[string, string, (text: string) => BillAnswer]>([
    ['has another hash', 'wrong-hash', (text) => ready(text, { wrongHash: true })],
    ['has a broken row', 'broken', (text) => ready(text.replace(',`4580', '').replace('`45.80', '`NaN'))],
    ['has a row with too few cells', 'broken', (text) => ready(broken(text).replace(/,`CNY.*?\r\n/, '\r\n'))],
    ['has a summary of another bill', 'broken', (text) => ready(text.replace(/\n`1,/, '\n`2,'))],
    ['ends without its summary', 'broken', (text) => ready(text.split('总交易单数')[0] ?? '')],
    ['has more money in a row than any payment', 'broken', (text) => ready(text.replaceAll('`45.80', '`21474836.48'))],
    ['is another merchant’s', 'other-merchant', (text) => ready(others(text))],
  ])('because it %s is kept and changes nothing, with one clear event', async (_case, code, answer) => {
    const { day, text } = await begin()
    const { plain } = await keepingPlain(answer(text))
    only(day, () => answer(text))
    await shop.morning(day)
    await setAside(day, code)
    expect(await kept(day)).toBe(plain)
  })

  it('because it is always cut off is kept as far as it came, after five tries', async () => {
    const { day, text } = await begin()
    only(day, () => ready(text, { cutAfter: 700 }))
    await shop.morning(day, 5)
    expect(await shop.bill(day)).toMatchObject({ state: 'due', problem: { code: 'cut-off' } })
    await shop.work(60 * minuteMs)
    await setAside(day, 'cut-off')
    expect(asked()).toHaveLength(5)
    expect(Buffer.from(await kept(day))).toEqual(Buffer.from(text).subarray(0, 700))
  })

  it('is fetched once more by itself the next day, and then waits for a person', async () => {
    const { day, text } = await begin()
    only(day, () => ready(text, { wrongHash: true }))
    await shop.morning(day)
    await shop.tasksNow('plan-bills')
    await shop.work(60 * minuteMs)
    expect(asked()).toEqual([day])
    for (let more = 1; more <= 3; more++) {
      shop.clock.reach(new Date(morningAfter(day).getTime() + more * dayMs))
      await shop.tasksNow('plan-bills')
      await shop.work(60 * minuteMs)
    }
    expect(asked().filter((one) => one === day)).toHaveLength(2)

    only(day, () => ready(text))
    await requestBill(shop.bills, { billDate: day })
    await shop.work(minuteMs)
    expect(await shop.bill(day)).toMatchObject({ state: 'reconciled', problem: null, requested_by: 'operator' })
  })
})

describe('R21 a bill that somebody asks for', () => {
  it('is fetched though it is older than what comes by itself', async () => {
    const { day } = await begin()
    shop.clock.reach(new Date(morningAfter(day).getTime() + 10 * dayMs))
    const [trade, flow] = await requestBill(shop.bills, { billDate: day })
    expect([trade, flow]).toMatchObject([
      { kind: 'trade', state: 'due', billDate: day },
      { kind: 'fund-flow', state: 'due', billDate: day },
    ])
    await shop.work(minuteMs)
    expect(asked()).toContain(day)
  })

  it('of today, of the future, or older than three months is refused and leaves nothing', async () => {
    const { day } = await begin()
    const ask = (billDate: string) => requestBill(shop.bills, { billDate })
    await expect(ask(day)).rejects.toThrow(BillDayNotOverError)
    await expect(ask('2099-01-01')).rejects.toThrow(BillDayNotOverError)
    await expect(ask('2025-01-01')).rejects.toThrow(BillTooOldError)
    expect(await shop.sql('SELECT FROM bills')).toEqual([])
  })

  it('of yesterday before ten waits until then', async () => {
    const { day } = await begin()
    shop.clock.reach(new Date(morningAfter(day).getTime() - 2 * 60 * minuteMs))
    const [bill] = await requestBill(shop.bills, { billDate: day })
    expect(bill?.nextTryAt).toEqual(new Date(morningAfter(day).getTime() - 10 * minuteMs))
  })

  it('that is compared stays as it is; one that was empty is fetched again', async () => {
    const { day, text } = await begin()
    await shop.morning(day)
    expect(await shop.bill(day)).toMatchObject({ state: 'empty' })
    expect(await shop.discrepancies()).toMatchObject([{ class: 'paid-not-billed' }])
    only(day, () => ready(text))
    await requestBill(shop.bills, { billDate: day })
    await shop.work(5 * minuteMs)
    expect(await shop.bill(day)).toMatchObject({ state: 'reconciled' })
    expect(await shop.discrepancies('resolved')).toMatchObject([{ class: 'paid-not-billed', reason: `the bill of ${day} has it` }])
    const [trade] = await requestBill(shop.bills, { billDate: day })
    expect(trade).toMatchObject({ state: 'reconciled', nextTryAt: null })
  })
})

describe('R23 R21 several processes', () => {
  it('two at once fetch a bill once', async () => {
    const { day, text } = await begin()
    only(day, () => ready(text))
    shop.clock.reach(morningAfter(day))
    await shop.tasksNow('plan-bills')
    await shop.sql("DELETE FROM bills WHERE kind = 'fund-flow'")
    const now = shop.clock.now()
    const claims = await Promise.all(
      Array.from({ length: 4 }, () => claimBillTurns(shop.bills.store.db, 'fetch', { now, leaseMs: 30_000, limit: 1 })),
    )
    const turns = claims.flat()
    await Promise.all(turns.map((turn) => fetchBill(shop.tasks, turn)))
    expect(turns).toHaveLength(1)
    expect(asked()).toEqual([day])
  })

  it('one that was overtaken in the middle stops, and nothing of it counts', async () => {
    const { day, text } = await begin()
    const slow = tradeBillText([]) + 'x'.repeat(3_000)
    let first = true
    only(day, () => {
      if (!first) return ready(text)
      first = false
      const overtake = async () => {
        if (asked().length > 1) return
        // Its lease runs out while WeChat is slow, and another process begins anew.
        shop.clock.advance(11 * minuteMs)
        await shop.work(0)
      }
      return ready(slow, { afterPiece: overtake })
    })
    await shop.morning(day)
    expect(asked()).toEqual([day, day])
    expect(await shop.bill(day)).toMatchObject({ state: 'reconciled' })
    expect(await kept(day)).toBe(text)
    expect(shop.billAlarms).toEqual([])
  })

  it.each(['ready', 'empty'] as const)(
    'one that was overtaken before its answer came (%s) leaves the file of the other alone',
    async (state) => {
      const { day, text } = await begin()
      let first = true
      shop.wechat.bills = async ({ kind, billDate }) => {
        if (kind !== 'trade' || billDate !== day) return { state: kind === 'trade' ? 'empty' : 'not-ready' }
        if (!first) return ready(text)
        first = false
        shop.clock.advance(11 * minuteMs)
        await shop.work(0)
        return state === 'empty' ? { state } : ready(text)
      }
      await shop.morning(day)
      expect(await shop.bill(day)).toMatchObject({ state: 'reconciled' })
      expect(await kept(day)).toBe(text)
    },
  )

  it('one that is killed in the middle is followed by another, after its lease and not before', async () => {
    const { day, text } = await begin()
    only(day, () => ready(text))
    shop.clock.reach(morningAfter(day))
    await shop.tasksNow('plan-bills')
    await shop.sql("DELETE FROM bills WHERE kind = 'fund-flow'")
    await killInTheMiddle()
    await shop.work(9 * minuteMs)
    expect(asked()).toEqual([])
    await shop.work(2 * minuteMs)
    expect(asked()).toEqual([day])
    expect(await shop.bill(day)).toMatchObject({ state: 'reconciled' })
    expect(await kept(day)).toBe(text)
  })
})

/** Another process, which has kept pieces of the bill when it dies. */
async function killInTheMiddle(): Promise<void> {
  const path = fileURLToPath(new URL('../../testing/fetchBillChild.ts', import.meta.url))
  const wanted = JSON.stringify({ config: shop.databaseConfig, now: shop.clock.now() })
  const child = spawn(process.execPath, [path, wanted], {
    env: {},
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  await vi.waitUntil(async () => (await shop.sql('SELECT FROM bill_pieces')).length >= 2, { timeout: 60_000, interval: 20 })
  child.kill('SIGKILL')
  await ended
}

async function keepingPlain(answer: BillAnswer): Promise<{ plain: string }> {
  if (answer.state !== 'ready') throw new Error('there is no file')
  const chunks: Uint8Array[] = []
  for await (const chunk of answer.file.plain) chunks.push(chunk)
  return { plain: Buffer.concat(chunks).toString('utf8') }
}
