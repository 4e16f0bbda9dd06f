import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { readOrder } from '../miniprogram/checkout/answers.ts'
import { launch, type Running } from '../testing/launch.ts'
import { createPhone, type Phone } from '../testing/phone.ts'
import { startServers, type Protocol, type Servers } from '../testing/servers.ts'

/** The page's own code on a phone, against the real API and the mock of WeChat, which checks every signature as WeChat does. */
describe.each<Protocol>(['v2', 'v3'])('paying in the mini program, protocol %s', (protocol) => {
  let servers: Servers
  let running: Running[] = []

  beforeAll(async () => {
    servers = await startServers(protocol)
  })
  afterAll(() => servers.stop())
  afterEach(async () => {
    for (const program of running) program.kill()
    running = []
    vi.unstubAllGlobals()
    await servers.control.reset()
  })

  async function somebody(merchant = 0): Promise<Phone> {
    const { appId } = await servers.control.miniProgram(merchant)
    return createPhone({ appId, domains: [servers.apiUrl], wechat: servers.control.wechat })
  }

  async function open(phone: Phone, query?: Record<string, string>): Promise<Running> {
    const program = await launch(phone, servers.apiUrl, query)
    running.push(program)
    return program
  }

  async function pressPay(phone: Phone, yuan = '12.5') {
    const program = await open(phone)
    program.type(yuan)
    program.pay()
    return { program, sheet: await phone.sheet() }
  }

  const trades = () => servers.control.trades()
  const onlyTrade = async () => {
    const all = await trades()
    expect(all).toHaveLength(1)
    return all[0] ?? { outTradeNo: '', state: '', amountFen: 0 }
  }

  it('pays: the amount, the sheet with the same amount, and "paid" when the notice has come', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    expect(sheet.amountFen).toBe(1250)
    expect(program.data).toMatchObject({ state: 'waiting', title: '请在微信支付中确认', shop: '付款给 青禾书店' })
    await sheet.choose('ok')
    await program.reach('paid')
    expect(program.data).toMatchObject({ title: '已收款', amount: '12.50', primary: '新的付款' })
    expect(await onlyTrade()).toMatchObject({ amountFen: 1250, state: 'SUCCESS' })
    expect(phone.dialogs).toEqual([])

    program.primary()
    expect(program.data).toMatchObject({ state: 'idle', typed: '', payable: false })
    expect(phone.storage.size).toBe(0)
  })

  it('asks the server when the payer leaves the sheet, says "not paid", and tries the same attempt again', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    const before = phone.requests.length
    await sheet.choose('cancel')
    await vi.waitFor(() => expect(program.data).toMatchObject({ state: 'waiting', title: '还没有付款', primary: '重新支付' }))
    expect(phone.requests.slice(before)[0]).toMatch(/^GET \/v1\/checkouts\/[\w-]+$/)

    program.primary()
    const again = await phone.sheet()
    expect(again.prepayId).toBe(sheet.prepayId)
    await again.choose('ok')
    await program.reach('paid')
    await onlyTrade()
  })

  it('settles a payment of which the phone says "fail"', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    await sheet.choose('fail-although-paid')
    await program.reach('paid')
  })

  it('says "checking", not "paid", after an "ok" without a notice; then the notice comes', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    await sheet.choose('ok-without-notice')
    await program.reach('checking')
    expect(program.data).toMatchObject({ title: '正在确认，请勿重复支付', primary: '', secondary: '' })
    expect(await onlyTrade()).toMatchObject({ state: 'SUCCESS' })
    expect(await orderOf(phone)).toMatchObject({ status: 'unpaid' })

    await servers.control.clearFaults()
    await servers.control.resendNotices((await onlyTrade()).outTradeNo)
    await program.reach('paid')
  })

  it('does not believe an "ok" without any payment', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    await sheet.choose('ok-although-unpaid')
    await program.reach('checking')
    expect(await orderOf(phone)).toMatchObject({ status: 'unpaid', confirming: false })
    expect(await onlyTrade()).toMatchObject({ state: 'NOTPAY' })
    expect(program.data['state']).toBe('checking')
  })

  it('logs in again when the server does not know the login any more', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    await sheet.choose('ok')
    await program.reach('paid')
    program.primary()

    phone.spoilLogin()
    const before = phone.requests.length
    program.type('3')
    program.pay()
    const next = await phone.sheet()
    expect(phone.requests.slice(before).filter((request) => request.startsWith('POST'))).toEqual([
      'POST /v1/checkouts',
      'POST /v1/miniprogram/login',
      'POST /v1/checkouts',
    ])
    await next.choose('ok')
    await program.reach('paid')
    expect(await trades()).toHaveLength(2)
  })

  it('does not take a login of another mini program', async () => {
    const phone = await somebody(1)
    const program = await open(phone)
    program.type('1')
    program.pay()
    await program.reach('error')
    expect(program.data).toMatchObject({ title: '无法确认您的微信身份，未产生扣款', primary: '重试' })
    expect(await trades()).toEqual([])
  })

  it('says "not paid" after WeChat’s dialog about a signature that is not the merchant’s', async () => {
    const { wechat } = servers.control
    const forged = (appId: string, invoke: Record<string, unknown>) => wechat.check(appId, { ...invoke, nonceStr: 'another' })
    const { appId } = await servers.control.miniProgram()
    const phone = createPhone({ appId, domains: [servers.apiUrl], wechat: { ...wechat, check: forged } })
    const program = await open(phone)
    program.type('1')
    program.pay()
    await vi.waitFor(() => expect(program.data).toMatchObject({ state: 'waiting', title: '还没有付款' }), { timeout: 60_000 })
    expect(phone.dialogs).toEqual(['支付验证签名失败'])
    expect(await onlyTrade()).toMatchObject({ state: 'NOTPAY' })
  })

  it('is offline and says so, and knows the result by itself when the network is back', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    phone.setConnected(false)
    await vi.waitFor(() => expect(program.data).toMatchObject({ state: 'offline', banner: '网络断开，付款仍有效，恢复后自动更新' }))
    await sheet.choose('ok')
    await program.reach('checking')
    expect(program.data['banner']).not.toBe('')
    phone.setConnected(true)
    await program.reach('paid')
    expect(program.data['banner']).toBe('')
  })

  it('asks nothing in the background, and knows the result when it is back', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    program.hide()
    await sheet.choose('ok')
    await vi.waitFor(async () => expect(await orderOf(phone)).toMatchObject({ status: 'paid' }), { timeout: 60_000, interval: 200 })
    expect(program.data['state']).not.toBe('paid')
    program.show()
    await program.reach('paid')
  })

  it('R1 opens one order when WeChat ends the program before the answer: the next start sends the same key', async () => {
    const phone = await somebody()
    const first = await open(phone)
    phone.onRequest = (request) => {
      if (request === 'POST /v1/checkouts') first.kill() // before any answer can come
    }
    first.type('8.88')
    first.pay()
    await vi.waitFor(() => expect(phone.requests).toContain('POST /v1/checkouts'))
    phone.onRequest = () => undefined
    expect(phone.storage.has('checkout.opening')).toBe(true)

    const next = await open(phone)
    await vi.waitFor(
      () => expect(next.data).toMatchObject({ state: 'waiting', title: '订单尚未付款', amount: '8.88', primary: '继续支付' }),
      {
        timeout: 60_000,
      },
    )
    next.primary()
    await (await phone.sheet()).choose('ok')
    await next.reach('paid')
    expect(phone.requests.filter((request) => request === 'POST /v1/checkouts')).toHaveLength(2)
    expect(await onlyTrade()).toMatchObject({ amountFen: 888, state: 'SUCCESS' })
  })

  it('shows the result of a payment at the next start when WeChat has ended the program meanwhile', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    program.kill()
    await sheet.choose('ok')
    const next = await open(phone)
    await next.reach('paid')
  })

  it('finishes an order that was begun with a QR code: the old attempt is closed first', async () => {
    const begun = await fetch(`${servers.apiUrl}/v1/checkouts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `qr-${protocol}` },
      body: JSON.stringify({ amountFen: 460 }),
    })
    const { token } = readOrder(await begun.json())
    const phone = await somebody()
    const program = await open(phone, { token })
    await vi.waitFor(() => expect(program.data).toMatchObject({ state: 'waiting', amount: '4.60', primary: '继续支付' }))
    program.primary()
    await (await phone.sheet()).choose('ok')
    await program.reach('paid')
    expect((await trades()).map(({ state }) => state).toSorted()).toEqual(['CLOSED', 'SUCCESS'])
  })

  it('goes on checking when the server has asked WeChat and was told "paid": the notice is still missing', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    await sheet.choose('ok-without-notice')
    const asked = async () => expect(await orderOf(phone)).toMatchObject({ confirming: true, status: 'unpaid' })
    await vi.waitFor(asked, { timeout: 60_000, interval: 200 })
    await program.reach('checking')
  })

  it('cancels an order, which then cannot be paid', async () => {
    const phone = await somebody()
    const { program, sheet } = await pressPay(phone)
    await sheet.choose('cancel')
    await vi.waitFor(() => expect(program.data).toMatchObject({ state: 'waiting', secondary: '取消订单' }))
    program.secondary()
    await program.reach('closed')
    expect(program.data).toMatchObject({ title: '订单已取消', more: '已取消，未扣款。' })
    expect(await onlyTrade()).toMatchObject({ state: 'CLOSED' })
  })

  /** What our server says of the order that the phone is paying. */
  async function orderOf(phone: Phone): Promise<unknown> {
    const path =
      phone.requests
        .toReversed()
        .find((request) => /^GET \/v1\/checkouts\//.test(request))
        ?.replace(/^GET |\/status$/g, '') ?? ''
    return (await fetch(`${servers.apiUrl}${path}`)).json()
  }
})
