import { describe, expect, it } from 'vitest'
import { NoticeRefusedError, type RefundNotice } from 'wxpay-core/protocol'
import { FakeWechat } from '../../testing/fakeWechat.ts'
import { startTestApp } from '../../testing/testApp.ts'
import type { Commands } from '../../commands/commands.ts'
import type { NoticeGate } from './notices.ts'

type HintNotice = Extract<RefundNotice, { outcome: 'refund-hint' }>

const hintBody = '<xml><req_info>secret</req_info></xml>'
const hint: HintNotice = {
  protocol: 'v2',
  noticeId: '11'.repeat(32),
  raw: hintBody,
  outcome: 'refund-hint',
  outTradeNo: 'P20260301000001',
  transactionId: '4200000000202603010000000001',
  outRefundNo: 'R20260301000001',
  refundId: '50300000000000000000000000001',
}

/** The gates of both protocols: what each is given, and answers in its own format. */
function gates() {
  const given: string[] = []
  const replies = new FakeWechat('v2').noticeReplies
  const v2: NoticeGate = {
    protocol: 'v2',
    openNotice: async (_headers, raw) => {
      given.push(`v2 payment ${raw.toString()}`)
      throw new NoticeRefusedError('wrong-signature', 'not the one')
    },
    openRefundHint(raw) {
      given.push(`v2 hint ${raw.toString()}`)
      if (raw.toString() !== hintBody) throw new NoticeRefusedError('undecryptable', 'not the one')
      return hint
    },
    noticeReplies: replies,
  }
  const v3: NoticeGate = {
    protocol: 'v3',
    openNotice: async (_headers, raw) => {
      given.push(`v3 ${raw.toString()}`)
      throw new NoticeRefusedError('wrong-signature', 'not the one')
    },
    noticeReplies: {
      accepted: () => ({ status: 204, contentType: 'application/json', body: '' }),
      refused: (reason) => ({ status: 401, contentType: 'application/json', body: JSON.stringify({ code: 'FAIL', message: reason }) }),
      failed: () => ({ status: 503, contentType: 'application/json', body: '{"code":"FAIL"}' }),
    },
  }
  return { v2, v3, given }
}

async function start(noticeGates: NoticeGate[], recordNotice: Commands['recordNotice'] = async () => 'hint') {
  const app = await startTestApp({ commands: { recordNotice }, deps: { noticeGates } })
  const post = async (path: string, body: string) => {
    const response = await app.get(path, { method: 'POST', body })
    return { status: response.status, text: await response.text() }
  }
  return { app, post }
}

describe('POST /notices/v2/refunds', () => {
  it('R20 opens the message, stores it and acknowledges it in v2’s format', async () => {
    const { v2, v3, given } = gates()
    const { app, post } = await start([v3, v2])
    expect(await post('/notices/v2/refunds', hintBody)).toEqual({ status: 200, text: 'SUCCESS' })
    expect(given).toEqual([`v2 hint ${hintBody}`])
    expect(app.calls).toEqual([{ name: 'recordNotice', input: hint }])
    expect(await app.metrics.render()).toContain('wechat_notices_total{protocol="v2",result="accepted",reason="hint"} 1')
  })

  it('R7 refuses what it cannot open, and changes nothing', async () => {
    const { v2 } = gates()
    const { app, post } = await start([v2])
    expect(await post('/notices/v2/refunds', '<xml>forged</xml>')).toEqual({ status: 400, text: 'FAIL undecryptable' })
    expect(app.calls).toEqual([])
  })

  it('R9 has it sent again when its payment is not known, and when we fail', async () => {
    const { v2 } = gates()
    const unknown = await start([v2], async () => 'unknown-payment')
    expect(await unknown.post('/notices/v2/refunds', hintBody)).toEqual({ status: 503, text: 'FAIL' })
    const broken = await start([v2], () => Promise.reject(new Error('the database is gone')))
    expect(await broken.post('/notices/v2/refunds', hintBody)).toEqual({ status: 503, text: 'FAIL' })
  })

  it('does not exist without the key of v2', async () => {
    const { v3 } = gates()
    const { post } = await start([v3])
    expect((await post('/notices/v2/refunds', hintBody)).status).toBe(404)
  })

  it('R25 is turned away while others fill the budget of notices', async () => {
    const { v2 } = gates()
    const commit = Promise.withResolvers<'hint'>()
    const deps = { noticeGates: [v2], budgets: { notices: 1 } }
    const app = await startTestApp({ commands: { recordNotice: () => commit.promise }, deps })
    const post = () => app.get('/notices/v2/refunds', { method: 'POST', body: hintBody })
    const first = post()
    await expect.poll(() => app.calls.length).toBe(1)
    expect((await post()).status).toBe(503)
    commit.resolve('hint')
    expect((await first).status).toBe(200)
  })
})

describe('POST /notices/v3', () => {
  it('R20 gives XML to the opener of v2’s refunds, which answers in v2’s format: so WeChat tells of refunds begun in its merchant platform', async () => {
    const { v2, v3, given } = gates()
    const { post } = await start([v3, v2])
    expect(await post('/notices/v3', hintBody)).toEqual({ status: 200, text: 'SUCCESS' })
    expect(await post('/notices/v3', '<xml><return_code>SUCCESS</return_code></xml>')).toEqual({ status: 400, text: 'FAIL undecryptable' })
    expect(given).toEqual([`v2 hint ${hintBody}`, 'v2 hint <xml><return_code>SUCCESS</return_code></xml>'])
  })

  it.each(['{"id":"1"}', '', ' <xml/>', 'hello'])('R5 gives nothing else away: %j stays with v3', async (body) => {
    const { v2, v3, given } = gates()
    const { post } = await start([v3, v2])
    expect((await post('/notices/v3', body)).status).toBe(401)
    expect(given).toEqual([`v3 ${body}`])
  })

  it('R5 keeps XML, too, when the key of v2 is not set', async () => {
    const { v3, given } = gates()
    const { post } = await start([v3])
    expect((await post('/notices/v3', hintBody)).status).toBe(401)
    expect(given).toEqual([`v3 ${hintBody}`])
  })

  it('R5 is not a way from v2’s addresses into v3', async () => {
    const { v2, v3, given } = gates()
    const { post } = await start([v3, v2])
    await post('/notices/v2/payments', '{"id":"1"}')
    await post('/notices/v2/payments', hintBody)
    expect(given).toEqual(['v2 payment {"id":"1"}', `v2 payment ${hintBody}`])
  })
})
