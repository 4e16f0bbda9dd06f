import { describe, expect, it } from 'vitest'
import { openBench } from './testing/bench.ts'
import { header, openNotice } from './testing/noticeBench.ts'
import { newNumber } from './testing/shop.ts'
import { formatBeijing } from './support/beijing.ts'
import { formatRfc3339 } from './support/rfc3339.ts'
import { readXml } from './v2/xml.ts'

const dayMs = 86_400_000
const realNow = Date.now()
/** The same moment for every call, so that seconds can be compared. */
const frozen = { realNow: () => realNow }

/** Pays a v2 and a v3 order after `advanceMs`, and tells what WeChat said of when. */
async function payAfter(advanceMs: number, { tradeTimes, daysAgo }: { tradeTimes: 'real' | 'virtual'; daysAgo?: number }) {
  const bench = await openBench({ ...frozen, switches: { tradeTimes }, reply: (response) => void response.writeHead(204).end() })
  const { shop, jsonShop, control, receiver } = bench
  await control.advance(advanceMs)
  const [old, modern] = [newNumber(), newNumber()]
  await shop.create({ out_trade_no: old, time_expire: undefined })
  await jsonShop.create({ out_trade_no: modern })
  for (const outTradeNo of [old, modern]) await control.pay({ outTradeNo, ...(daysAgo !== undefined && { daysAgo }) })
  await receiver.received(2)
  const xml = receiver.bodies.find((body) => body.startsWith('<xml>')) ?? ''
  const at = receiver.bodies.findIndex((body) => body.startsWith('{'))
  const delivered = { headers: receiver.headers[at] ?? {}, body: receiver.bodies[at] ?? '' }
  const { json } = await control.call('GET', `trades?outTradeNo=${old}`)
  return {
    query: (await shop.query(old))['time_end'],
    notice: readXml(xml).get('time_end'),
    jsonQuery: (await jsonShop.query(modern)).body['success_time'],
    jsonNotice: openNotice(delivered, bench.merchant),
    noticeTimestamp: Number(header(delivered.headers, 'wechatpay-timestamp')),
    ledger: json,
  }
}

const saying = (at: number) => ({
  query: formatBeijing(at),
  notice: formatBeijing(at),
  jsonQuery: formatRfc3339(at),
  jsonNotice: { success_time: formatRfc3339(at) },
  noticeTimestamp: Math.floor(realNow / 1000),
})

describe('the time of a payment', () => {
  it('is real by default, however far the virtual clock is ahead', async () => {
    const said = await payAfter(40 * dayMs, { tradeTimes: 'real' })
    expect(said).toMatchObject(saying(realNow))
    expect(said.ledger).toMatchObject({ items: [{ paidAt: new Date(realNow + 40 * dayMs).toISOString() }] })
  })

  it('is virtual by switch in answers and notices; headers stay real', async () => {
    expect(await payAfter(40 * dayMs, { tradeTimes: 'virtual' })).toMatchObject(saying(realNow + 40 * dayMs))
  })

  it('is virtual by switch for refunds too: accepted and arrived at their own moments', async () => {
    const { jsonShop, control } = await openBench({ ...frozen, switches: { tradeTimes: 'virtual' } })
    await control.advance(dayMs)
    const out_trade_no = newNumber()
    await jsonShop.create({ out_trade_no })
    await control.pay({ outTradeNo: out_trade_no })
    const wish = { out_trade_no, out_refund_no: 'R0000001', amount: { refund: 1, total: 4580, currency: 'CNY' } }
    const { body } = await jsonShop.send('POST', '/v3/refund/domestic/refunds', JSON.stringify(wish))
    expect(body).toMatchObject({ create_time: formatRfc3339(realNow + dayMs), status: 'PROCESSING' })
    await control.advance(dayMs)
    expect((await jsonShop.send('GET', '/v3/refund/domestic/refunds/R0000001')).body).toMatchObject({
      success_time: formatRfc3339(realNow + dayMs + 5_000),
      status: 'SUCCESS',
    })
  })

  it('is of some days ago when the payer says so, in messages and in the ledger', async () => {
    const said = await payAfter(0, { tradeTimes: 'real', daysAgo: 2 })
    expect(said).toMatchObject(saying(realNow - 2 * dayMs))
    expect(said.ledger).toMatchObject({ items: [{ state: 'SUCCESS', paidAt: new Date(realNow - 2 * dayMs).toISOString() }] })
  })

  it.each([-1, 91, 0.5, 'two'])('is not of %j days ago', async (daysAgo) => {
    const { control } = await openBench()
    expect(await control.call('POST', 'pay', { outTradeNo: newNumber(), daysAgo })).toMatchObject({
      status: 400,
      json: { problems: [{ param: 'daysAgo' }] },
    })
  })
})
