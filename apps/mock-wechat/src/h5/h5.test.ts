import { request } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { openBench, type BenchOptions } from '../testing/bench.ts'

const shopPage = 'http://127.0.0.1:3000/pay/abc'
const scene = { payer_client_ip: '127.0.0.1', h5_info: { type: 'Wap' } }
const agent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1'

interface Answer {
  status: number
  location: string | undefined
  html: string
}

/** fetch sends no Referer of our choice. */
function visit(address: string, headers: Record<string, string>, form?: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(address, { method: form ? 'POST' : 'GET', headers: { 'user-agent': agent, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, html: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    sent.on('error', reject)
    sent.end(form && new URLSearchParams(form).toString())
  })
}

async function openWithOrder(options: BenchOptions = {}, payer_client_ip = '127.0.0.1') {
  const bench = await openBench(options)
  const order = bench.jsonShop.order({ scene_info: { ...scene, payer_client_ip } })
  const { h5_url } = z.object({ h5_url: z.string() }).parse((await bench.jsonShop.start('h5', order)).body)
  const open = (more = '', headers: Record<string, string> = { referer: shopPage }) => visit(`${h5_url}${more}`, headers)
  /** Opens the page and presses a button, as a browser would: the form carries what the page put into it. */
  async function press(decision: string, more = ''): Promise<Answer> {
    const page = await open(more)
    const back = /name="back" value="([^"]*)"/.exec(page.html)?.[1] ?? ''
    return visit(
      `${h5_url}${more}`,
      {},
      { decision, back: back.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))) },
    )
  }
  const state = async () => (await bench.control.trades())[0]?.state
  return { ...bench, h5Url: h5_url, order, open, press, state }
}

const returnTo = (address: string) => `&redirect_url=${encodeURIComponent(address)}`

describe('the page of an H5 address', () => {
  it('shows whom to pay and how much, runs no script, and is styled as the phone', async () => {
    const { open, merchant } = await openWithOrder()
    const { status, html } = await open()
    expect(status).toBe(200)
    expect(html).toContain(merchant.name)
    expect(html).toContain('45.80')
    expect(html).not.toContain('<script')
  })

  it('pays, and sends the browser to redirect_url', async () => {
    const { press, state, receiver } = await openWithOrder()
    const back = 'http://localhost:3000/pay/abc?from=h5&x=1'
    expect(await press('pay', returnTo(back))).toMatchObject({ status: 303, location: back })
    expect(await state()).toBe('SUCCESS')
    await receiver.received(1)
  })

  it('without redirect_url sends it back to where it came from', async () => {
    const { press } = await openWithOrder()
    expect(await press('pay')).toMatchObject({ status: 303, location: shopPage })
  })

  it('returns also when the payer leaves: nothing is paid', async () => {
    const { press, state, control } = await openWithOrder()
    expect(await press('leave', returnTo('http://127.0.0.1:3000/done'))).toMatchObject({ location: 'http://127.0.0.1:3000/done' })
    expect(await state()).toBe('NOTPAY')
    expect(await control.trades()).toMatchObject([{ declines: [{ reason: 'cancelled' }] }])
  })

  it('returns before the payment is settled when asked to', async () => {
    const { press, state } = await openWithOrder()
    expect(await press('later', '&mock_settle_ms=20')).toMatchObject({ status: 303, location: shopPage })
    await vi.waitUntil(async () => (await state()) === 'SUCCESS', { timeout: 10_000, interval: 5 })
  })

  it('says at a query that the payment was of type MWEB', async () => {
    const { press, jsonShop, order } = await openWithOrder()
    await press('pay')
    expect((await jsonShop.query(order.out_trade_no)).body).toMatchObject({
      trade_type: 'MWEB',
      payer: { openid: expect.stringMatching(/^o/) },
    })
  })
})

describe('the page refuses', () => {
  const words = async (answer: Promise<Answer>) => /verdict-title">([^<]*)/.exec((await answer).html)?.[1]

  it('an empty Referer, and a page of a domain that is not registered', async () => {
    const { open, control, merchant } = await openWithOrder()
    expect(await words(open('', {}))).toBe('商家参数格式有误，请联系商家解决')
    expect(await words(open('', { referer: 'https://shop.example/' }))).toBe('商家存在未配置的参数，请联系商家解决')
    await control.call('POST', 'accounts', { mchid: merchant.mchid, h5Domains: ['shop.example'] })
    expect(await words(open('', { referer: 'https://shop.example/' }))).toBeUndefined()
    expect(await words(open())).toBe('商家存在未配置的参数，请联系商家解决')
  })

  it('no page at all with the switch for it, and the payer still returns', async () => {
    const { open, press } = await openWithOrder({ switches: { h5Referer: 'any' } })
    expect(await words(open('', {}))).toBeUndefined()
    expect(await press('leave')).toMatchObject({ location: shopPage })
  })

  it('a redirect_url of another domain, also in a forged form', async () => {
    const { open, h5Url, state } = await openWithOrder()
    expect(await words(open(returnTo('https://elsewhere.example/')))).toBe('商家存在未配置的参数，请联系商家解决')
    expect(await words(open(returnTo('javascript:alert(1)')))).toBe('商家参数格式有误，请联系商家解决')
    const forged = visit(h5Url, {}, { decision: 'pay', back: 'https://elsewhere.example/' })
    expect(await words(forged)).toBe('商家存在未配置的参数，请联系商家解决')
    expect(await state()).toBe('NOTPAY')
  })

  it('WeChat’s own browser', async () => {
    const { open } = await openWithOrder()
    expect(await words(open('', { referer: shopPage, 'user-agent': `${agent} MicroMessenger/8.0.49` }))).toBe(
      '请在微信外打开订单，进行支付',
    )
  })

  it('an address of five minutes, or one that a repeated create has replaced', async () => {
    const { open, jsonShop, order, control } = await openWithOrder()
    await control.advance(299_000)
    expect(await words(open())).toBeUndefined()
    await jsonShop.start('h5', order)
    expect(await words(open())).toBe('支付请求已失效，请重新发起支付')
    const other = await openWithOrder()
    await other.control.advance(300_000)
    expect(await words(other.open())).toBe('支付请求已失效，请重新发起支付')
  })

  it('another address of the payer than the create named, with the switch for it', async () => {
    const near = await openWithOrder({ switches: { h5PayerIp: 'checked' } }, '::1')
    expect(await words(near.open())).toBeUndefined()
    const far = await openWithOrder({ switches: { h5PayerIp: 'checked' } }, '203.0.113.7')
    expect(await words(far.open())).toBe('网络环境未能通过安全验证，请稍后再试')
  })

  it('a paid and a closed order, and an address that it did not give', async () => {
    const { open, press, h5Url, jsonShop, url } = await openWithOrder()
    await press('pay')
    expect(await words(open())).toBe('该订单已支付')
    const closed = await openWithOrder()
    await closed.jsonShop.close(closed.order.out_trade_no)
    expect(await words(closed.open())).toBe('该订单已关闭')
    const unknown = h5Url.slice(0, -1) + (h5Url.endsWith('0') ? '1' : '0')
    expect(await words(visit(unknown, { referer: shopPage }))).toBe('商家参数格式有误，请联系商家解决')
    const native = await jsonShop.create()
    expect(native.status).toBe(200)
    expect(await words(visit(`${url}/cgi-bin/mmpayweb-bin/checkmweb`, { referer: shopPage }))).toBe('商家参数格式有误，请联系商家解决')
  })
})
