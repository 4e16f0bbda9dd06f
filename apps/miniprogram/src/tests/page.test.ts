import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Order } from '../miniprogram/checkout/answers.ts'
import { httpServer, type Received, type Reply } from '../testing/httpServer.ts'
import { launch, type Running } from '../testing/launch.ts'
import { paidOrder, pendingOrder, statusOf, wireOf } from '../testing/orders.ts'
import { createPhone, type WechatServers } from '../testing/phone.ts'

const shop = {
  name: '青禾书店',
  contact: '010-5555 0100',
  locale: 'zh-CN',
  limits: { minAmountFen: 1, maxAmountFen: 5_000_000 },
  tradeTypes: ['jsapi'],
}
const refusal = (status: number, code: string, headers = {}): Reply => ({
  status,
  headers,
  body: { error: { code, message: '…', requestId: 'r-1' } },
})
const wechat: WechatServers = {
  login: () => Promise.resolve('code-1'),
  check: (_appId, { package: prepay }) => Promise.resolve({ prepayId: String(prepay), amountFen: 1250 }),
  confirm: () => Promise.resolve(),
}

const running: Running[] = []
afterEach(() => {
  for (const program of running.splice(0)) program.kill()
  vi.unstubAllGlobals()
})

interface SetUp {
  order?: Order
  language?: string
  query?: Record<string, string>
  answers?: Record<string, (Reply | null)[]>
}

/** A server with one order, which the test moves on; `answers` come first, by the method and the path. */
async function setUp({ order = pendingOrder, language = 'zh_CN', query = {}, answers = {} }: SetUp = {}) {
  const now = { order }
  const held: (() => void)[] = []
  const server = await httpServer(async ({ method, path }: Received) => {
    const [address = ''] = path.split('?')
    const scripted = answers[`${method} ${address.replace(pendingOrder.token, ':token')}`]?.shift()
    if (scripted !== undefined) return scripted
    if (address === '/v1/shop') return { status: 200, body: shop }
    if (address === '/v1/miniprogram/login') return { status: 201, body: { token: 'token-1', expiresInMs: 1 } }
    if (!address.endsWith('/status')) return { status: 200, body: wireOf(now.order) }
    if (path.includes(`version=${now.order.version}&`) && !path.endsWith('wait=0')) await new Promise<void>((resolve) => held.push(resolve))
    const { problem, ...status } = statusOf(now.order)
    return { status: 200, body: { ...status, problem: problem && { code: problem } } }
  })
  const phone = createPhone({ appId: pendingOrder.invoke?.appId ?? '', domains: [server.url], wechat, language })
  const program = await launch(phone, server.url, query)
  running.push(program)
  return {
    program,
    phone,
    received: server.received,
    becomes(change: Partial<Order>) {
      now.order = { ...now.order, ...change, version: now.order.version + 1 }
      for (const release of held.splice(0)) release()
    },
  }
}

async function pressPay(options: SetUp = {}) {
  const set = await setUp(options)
  set.program.type('12.5')
  set.program.pay()
  return set
}

const shows = (program: Running, fields: Record<string, unknown>) =>
  vi.waitFor(() => expect(program.data).toMatchObject(fields), { timeout: 60_000, interval: 20 })

describe('the page', () => {
  it('takes an amount by its keypad and names the shop', async () => {
    const { program } = await setUp()
    await shows(program, { shop: '付款给 青禾书店' })
    expect(program.data).toMatchObject({ state: 'idle', typed: '', payable: false, pay: '微信支付', hint: '' })
    program.type('12.5')
    expect(program.data).toMatchObject({ typed: '12.5', payable: true, pay: '微信支付 ¥12.50' })
    program.type('09')
    expect(program.data).toMatchObject({ typed: '12.50', hint: '最多两位小数，精确到分' })
  })

  it('knows the shop’s largest amount', async () => {
    const { program, received } = await setUp()
    await shows(program, { shop: '付款给 青禾书店' })
    program.type('50001')
    expect(program.data).toMatchObject({ payable: false, hint: '单笔最高 50000.00 元' })
    program.pay()
    expect(received.filter(({ method }) => method === 'POST')).toEqual([])
  })

  it('speaks English where WeChat does not speak Chinese', async () => {
    const { program } = await setUp({ language: 'en' })
    await shows(program, { shop: 'To 青禾书店' })
    expect(program.titles).toEqual(['Pay'])
    program.type('12')
    expect(program.data).toMatchObject({ pay: 'Pay ¥12.00 with WeChat' })
  })

  it('brings the sheet up by itself when WeChat’s answer to our server comes late', async () => {
    const { program, phone, becomes } = await pressPay({ order: { ...pendingOrder, attempt: 'preparing', invoke: null, version: 1 } })
    await shows(program, { state: 'creating', title: '正在创建支付' })
    becomes({ attempt: 'pending', invoke: pendingOrder.invoke })
    expect((await phone.sheet()).prepayId).toBe(pendingOrder.invoke?.package)
    await shows(program, { state: 'waiting', title: '请在微信支付中确认' })
  })

  it('sends the same request with the same key until it is answered, and says why it takes longer', async () => {
    const { program, phone, received } = await pressPay({
      answers: { 'POST /v1/checkouts': [refusal(429, 'too_many_requests', { 'retry-after': '1' }), null] },
    })
    await shows(program, { state: 'creating', trouble: '微信支付繁忙，正在重试' })
    await shows(program, { state: 'creating', trouble: '网络不通，正在重试' })
    await phone.sheet()
    const keys = received.filter(({ path }) => path === '/v1/checkouts').map(({ headers }) => headers['idempotency-key'])
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  })

  it('forgets the key of a request that is answered, and keeps the order for the next start', async () => {
    const { phone } = await pressPay()
    await phone.sheet()
    expect(Array.from(phone.storage.keys())).toEqual(['checkout.order'])
  })

  it('shows the time that is left, and another one when the server gives it', async () => {
    const { program, phone, becomes } = await pressPay({ order: { ...pendingOrder, remainingMs: 240_000 } })
    await (await phone.sheet()).choose('cancel')
    await shows(program, { state: 'waiting', title: '还没有付款', countdown: expect.stringMatching(/^剩余时间 0(4:00|3:5\d)$/) })
    const shown = program.data['countdown']
    await vi.waitFor(() => expect(program.data['countdown'], 'it moves').not.toBe(shown), { timeout: 60_000 })
    becomes({ remainingMs: 600_000 })
    await shows(program, { countdown: expect.stringMatching(/^剩余时间 (10:00|09:5\d)$/) })
  })

  it('is checking, without a button, when the time is over; what comes next is for the server to say', async () => {
    const { program, phone, becomes } = await pressPay({ order: { ...pendingOrder, remainingMs: 1_500 } })
    await (await phone.sheet()).choose('cancel')
    await shows(program, { state: 'checking', title: '正在确认，请勿重复支付', countdown: '', primary: '', secondary: '' })
    becomes({ attempt: 'closed', remainingMs: null, invoke: null })
    await shows(program, { state: 'waiting', title: '本次支付已超时，未扣款' })
  })

  it('asks at once how much time is left when it is back from the background: nobody has counted there', async () => {
    const { program, phone, received } = await pressPay()
    await (await phone.sheet()).choose('cancel')
    await shows(program, { state: 'waiting', title: '还没有付款' })
    program.hide()
    expect(program.data['countdown'], 'it stands still, unseen').toMatch(/^剩余时间/)
    const before = received.length
    program.show()
    // A question from before may still be on its way: what counts is that one at once comes, and a long one after it.
    const asked = () => received.slice(before).map(({ path }) => path.slice(path.lastIndexOf('wait=')))
    await vi.waitFor(() => expect(asked()).toContain('wait=0'), { timeout: 60_000 })
    await vi.waitFor(() => expect(asked().slice(asked().indexOf('wait=0'))).toContain('wait=20'), { timeout: 60_000 })
  })

  it('asks for a new attempt when the old one has no time left', async () => {
    const { program, phone, received, becomes } = await pressPay()
    await (await phone.sheet()).choose('cancel')
    await shows(program, { state: 'waiting', title: '还没有付款' })
    becomes({ attempt: 'closed', remainingMs: null, invoke: null })
    await shows(program, { title: '本次支付已超时，未扣款', primary: '重新支付' })
    program.primary()
    await vi.waitFor(() => expect(received.some(({ path }) => path.endsWith('/payments'))).toBe(true))
  })

  it('asks for a new attempt when what there is belongs to another appid', async () => {
    const invoke = { ...pendingOrder.invoke, appId: 'wx00000000000000o1' } as Order['invoke']
    const { program, received } = await setUp({ order: { ...pendingOrder, invoke }, query: { token: pendingOrder.token } })
    await shows(program, { state: 'waiting', title: '订单尚未付款' })
    program.primary()
    await vi.waitFor(() => expect(received.some(({ path }) => path.endsWith('/payments'))).toBe(true))
  })

  it('never brings a second sheet up for an order that was paid meanwhile', async () => {
    const { program, phone, received, becomes } = await pressPay()
    await (await phone.sheet()).choose('cancel')
    await shows(program, { state: 'waiting', title: '还没有付款' })
    program.hide()
    becomes(paidOrder)
    program.primary()
    await program.reach('paid')
    expect(received.some(({ path }) => path.endsWith('/payments'))).toBe(false)
  })

  it('says that an amount differs, and offers nothing to pay with', async () => {
    const { program, phone, becomes } = await pressPay()
    await (await phone.sheet()).choose('ok')
    await program.reach('checking')
    becomes({ problem: 'amount_mismatch' })
    await shows(program, {
      state: 'error',
      title: '支付金额异常，已通知商家',
      primary: '',
      details: ['联系商家：010-5555 0100', '错误码 amount_mismatch'],
    })
  })

  it('says that the shop does not take payments here, and that nothing was charged', async () => {
    const { program } = await pressPay({ answers: { 'POST /v1/checkouts': [refusal(409, 'trade_type_not_enabled')] } })
    await shows(program, { state: 'error', title: '商户暂未开通此支付方式，未产生扣款', primary: '', secondary: '返回金额页' })
    program.secondary()
    expect(program.data).toMatchObject({ state: 'idle', typed: '12.5' })
  })

  it('says that an order cannot be found', async () => {
    const { program, phone } = await setUp({
      query: { token: pendingOrder.token },
      answers: { 'GET /v1/checkouts/:token': [refusal(404, 'checkout_not_found')] },
    })
    await shows(program, {
      state: 'error',
      title: '找不到这笔付款',
      details: ['联系商家：010-5555 0100', '错误码 checkout_not_found', '请求编号 r-1'],
    })
    expect(phone.storage.size).toBe(0)
  })
})
