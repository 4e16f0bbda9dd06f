import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { temporaryFolder } from '../testing/bench.ts'
import { controlOf } from '../testing/control.ts'
import { kill, main, shopAt, spawnMock } from '../testing/process.ts'
import { accept, openReceiver, refuse, staySilent } from '../testing/receiver.ts'
import { newNumber } from '../testing/shop.ts'

describe('R23 the mock, killed with -9', () => {
  it('between payment and delivery, delivers after the restart, with the same bytes', async () => {
    const dataDir = temporaryFolder()
    const receiver = await openReceiver(staySilent)
    const first = await spawnMock(dataDir)
    const shop = await shopAt(first.url, receiver.url)
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    await controlOf(first.url).pay({ outTradeNo })
    await receiver.received(1)
    await kill(first.child, 'SIGKILL')

    receiver.answerWith(accept)
    const second = await spawnMock(dataDir)
    await receiver.received(2)
    expect(receiver.bodies[1]).toBe(receiver.bodies[0])
    const control = controlOf(second.url)
    await vi.waitUntil(async () => (await control.notices())[0]?.state === 'acknowledged')
    expect(await (await shopAt(second.url, receiver.url)).query(outTradeNo)).toMatchObject({ trade_state: 'SUCCESS' })
  })

  it('keeps merchants, trades, the place on the ladder and the virtual clock', async () => {
    const dataDir = temporaryFolder()
    const receiver = await openReceiver(refuse)
    const first = await spawnMock(dataDir)
    const before = controlOf(first.url)
    const shop = await shopAt(first.url, receiver.url)
    const [paid, closed, open] = [newNumber(), newNumber(), newNumber()]
    for (const outTradeNo of [paid, closed, open]) await shop.create({ out_trade_no: outTradeNo })
    await before.pay({ outTradeNo: paid })
    await shop.close(closed)
    await before.advance(70_000)
    const [merchants, notices] = [await before.merchants(), await before.notices()]
    expect(notices[0]?.attempts).toHaveLength(4)
    await kill(first.child, 'SIGKILL')

    const after = controlOf((await spawnMock(dataDir)).url)
    expect(await after.merchants()).toEqual(merchants)
    expect(await after.notices()).toEqual(notices)
    expect((await after.trades()).map(({ state }) => state)).toEqual(['SUCCESS', 'CLOSED', 'NOTPAY'])
    expect((await after.call('GET', 'health')).json).toMatchObject({ offsetMs: expect.toSatisfy((ms) => Number(ms) >= 60_000) })
  })

  it('between a refund and its result, finishes it after the restart and says so, once', async () => {
    const dataDir = temporaryFolder()
    const receiver = await openReceiver()
    const first = await spawnMock(dataDir)
    const [before, shop, outTradeNo] = [controlOf(first.url), await shopAt(first.url, receiver.url), newNumber()]
    await shop.create({ out_trade_no: outTradeNo })
    await before.pay({ outTradeNo })
    await before.must('POST', 'accounts', { mchid: shop.mchid, refundUrl: receiver.url })
    await before.must('POST', 'refunds/outcome', { outcome: 'hold', times: 1 })
    for (const refundFen of [580, 1000]) await before.must('POST', 'refunds', { outTradeNo, refundFen })
    await kill(first.child, 'SIGKILL')

    const after = controlOf((await spawnMock(dataDir)).url)
    await after.advance(5_000)
    const Refunds = z.object({ items: z.array(z.object({ refundFen: z.number(), status: z.string() })) })
    expect(Refunds.parse(await after.must('GET', 'refunds')).items).toEqual([
      { refundFen: 580, status: 'PROCESSING' },
      { refundFen: 1000, status: 'SUCCESS' },
    ])
    expect((await after.notices()).map(({ kind, state }) => [kind, state])).toEqual([
      ['payment', 'acknowledged'],
      ['refund', 'acknowledged'],
    ])
    expect(receiver.bodies.filter((body) => body.includes('req_info'))).toHaveLength(1)
  })

  it('is not disturbed by a second one that was started by mistake', async () => {
    const dataDir = temporaryFolder()
    const { url } = await spawnMock(dataDir)
    const env = { PATH: '', DATA_DIR: dataDir, MOCK_WECHAT_PORT: new URL(url).port }
    const second = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    second.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    expect(await once(second, 'close')).toEqual([1, null])
    expect(said).toMatch(/cannot start: .*EADDRINUSE/)
    expect((await controlOf(url).call('GET', 'health')).status).toBe(200)
  })

  it('stops cleanly on SIGTERM', async () => {
    const { child } = await spawnMock(temporaryFolder())
    expect(await kill(child, 'SIGTERM')).toEqual([0, null])
  })
})
