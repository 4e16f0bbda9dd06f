import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createWechatPayV2, readXml, type Scan } from 'wxpay-core/protocol'
import type { ScanOutcome } from '../../commands/startScan.ts'
import { startTestApp } from '../../testing/testApp.ts'

const merchant = { appId: 'wx0a1b2c3d4e5f6071', mchId: '1900006042', key: 'DocsOnlyKeyNotReal0000000000wx42' }
const { scan: gate } = createWechatPayV2({ ...merchant, signType: 'HMAC-SHA256', apiUrl: 'http://127.0.0.1:1' })

const fields = {
  appid: merchant.appId,
  openid: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc',
  mch_id: merchant.mchId,
  is_subscribe: 'N',
  nonce_str: 'uG4sXe7RkB1nYd9V',
  product_id: 'BOOK-0042',
}

/** As WeChat sends a scan, signed by MD5. */
function scanXml(changed: Record<string, string> = {}, key = merchant.key): string {
  const all = Object.entries({ ...fields, ...changed })
  const text = all.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`)
  const sign = createHash('md5')
    .update(`${text.join('&')}&key=${key}`)
    .digest('hex')
    .toUpperCase()
  return `<xml>${[...all, ['sign', sign]].map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`).join('')}</xml>`
}

async function start(outcome: ScanOutcome | Error = { outcome: 'prepared', prepayId: 'wx01' }) {
  const asked: { scan: Scan; withinMs: number }[] = []
  const app = await startTestApp({
    deps: {
      scans: {
        gate,
        async start(scan, withinMs) {
          asked.push({ scan, withinMs })
          if (outcome instanceof Error) throw outcome
          return outcome
        },
      },
    },
  })
  const send = async (body: string) => {
    const response = await fetch(`${app.url}/notices/v2/scan`, { method: 'POST', body })
    const type = response.headers.get('content-type')
    return { status: response.status, type, fields: Object.fromEntries(readXml(Buffer.from(await response.arrayBuffer()))) }
  }
  return { ...app, send, asked }
}

const counted = async (app: Awaited<ReturnType<typeof start>>, labels: string) =>
  expect(await app.metrics.render()).toContain(`wechat_scan_seconds_count{${labels}} 1`)

describe('POST /notices/v2/scan', () => {
  it('answers a scan with the prepay id, signed, in less than WeChat’s 5 s', async () => {
    const app = await start()
    const answer = await app.send(scanXml())
    expect(answer).toMatchObject({
      status: 200,
      type: 'text/xml; charset=utf-8',
      fields: { return_code: 'SUCCESS', result_code: 'SUCCESS', prepay_id: 'wx01', sign: expect.stringMatching(/^[0-9A-F]{32}$/) },
    })
    expect(app.asked).toMatchObject([
      { scan: { productId: 'BOOK-0042', openId: fields.openid, subscribed: false, nonce: fields.nonce_str } },
    ])
    expect(app.asked[0]?.withinMs).toBeLessThan(4_000)
    await counted(app, 'result="prepared",reason=""')
  })

  it.each([
    ['shop-closed', '商家暂未营业，请稍后再试'],
    ['unknown-product', '没有找到该商品，请联系商家'],
    ['inactive-product', '该商品已下架'],
    ['too-many', '您的未付订单过多，请稍后再试'],
    ['refused', '商家暂时无法收款，未产生扣款，请联系商家'],
    ['unavailable', '系统繁忙，未产生扣款，请重新扫码'],
    ['settled', '该订单已支付，请勿重复支付'],
  ] as const)('tells the payer why there is nothing to pay: %s', async (because, words) => {
    const app = await start({ outcome: 'declined', because })
    const answer = await app.send(scanXml())
    expect(answer.status).toBe(200)
    expect(answer.fields).toMatchObject({ return_code: 'SUCCESS', result_code: 'FAIL', err_code_des: words })
    await counted(app, `result="declined",reason="${because}"`)
  })

  it('tells the payer to scan again when we are at fault', async () => {
    const app = await start(new Error('the database is gone'))
    expect(await app.send(scanXml())).toMatchObject({
      status: 200,
      fields: { result_code: 'FAIL', err_code_des: '系统繁忙，未产生扣款，请重新扫码' },
    })
  })

  it.each([
    ['signed with another key', scanXml({}, 'x'.repeat(32)), 'wrong-signature'],
    ['changed after it was signed', scanXml().replace('BOOK-0042', 'BOOK-0043'), 'wrong-signature'],
    ['not signed', scanXml().replace(/<sign>.*<\/sign>/, ''), 'wrong-signature'],
    ['with a DOCTYPE', `<!DOCTYPE xml>${scanXml()}`, 'malformed'],
    ['no XML', '{"openid":"o"}', 'malformed'],
    ['empty', '', 'malformed'],
    ['of another merchant', scanXml({ mch_id: '1900006043' }), 'authentic-wrong-merchant'],
    ['too large', 'x'.repeat(70_000), 'too-large'],
  ])('R5 refuses what is %s, counts it, and does nothing', async (_what, body, reason) => {
    const app = await start()
    expect(await app.send(body)).toMatchObject({ status: 200, fields: { return_code: 'FAIL' } })
    expect(app.asked).toEqual([])
    await counted(app, `result="refused",reason="${reason}"`)
  })

  it('takes POST alone', async () => {
    const app = await start()
    const response = await fetch(`${app.url}/notices/v2/scan`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('is not there without the key of v2', async () => {
    const app = await startTestApp()
    expect((await app.post('/notices/v2/scan', {})).status).toBe(404)
  })
})
