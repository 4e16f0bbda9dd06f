import { Agent } from 'node:https'
import { createRequire } from 'node:module'
import Payment from 'tenpay'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { openCertified } from '../testing/certifiedShop.ts'
import { newNumber } from '../testing/shop.ts'

const load = createRequire(import.meta.url)
/** tenpay's own HTTP client. It takes a certificate as PKCS#12 only, which Node cannot write: here its agent shows the PEM, and knows the mock's authority. */
const { httpsAgent } = z.object({ httpsAgent: z.instanceof(Agent) }).parse(createRequire(load.resolve('tenpay'))('urllib'))

async function openWithTenpay({ certificate = true } = {}) {
  const bench = await openCertified()
  const { merchant, tls, receiver, settings } = bench
  const { appid, mchid, key } = settings
  const tenpay = new Payment({ appid, mchid, partnerKey: key, refund_url: receiver.url })
  for (const [call, address] of Object.entries(tenpay.urls)) tenpay.urls[call] = address.replace('https://api.mch.weixin.qq.com', tls.url)
  const before = httpsAgent.options
  httpsAgent.options = {
    ...before,
    ca: tls.ca,
    ...(certificate && { cert: merchant.merchantCertificate, key: merchant.merchantPrivateKey }),
  }
  onTestFinished(() => {
    httpsAgent.options = before
  })
  const wish = async () => ({
    out_trade_no: await bench.paid(),
    out_refund_no: newNumber(),
    total_fee: 4580,
    refund_fee: 1580,
    refund_desc: '缺货 & 退款',
  })
  return { ...bench, tenpay, wish }
}

async function openNotice(tenpay: Payment, body: string) {
  const ctx: Parameters<ReturnType<Payment['middleware']>>[0] = { request: { body } }
  await tenpay.middleware('refund')(ctx, () => Promise.resolve())
  return { fields: ctx.request.weixin, reply: ctx.body }
}

describe('tenpay refunds', () => {
  it.each(['MD5', 'HMAC-SHA256'])('over TLS with its certificate, and verifies answers and queries, %s', async (sign_type) => {
    const { tenpay, wish, control } = await openWithTenpay()
    const asked = await wish()
    const taken = await tenpay.refund({ ...asked, sign_type })
    expect(taken).toMatchObject({ out_refund_no: asked.out_refund_no, refund_fee: '1580', refund_id: expect.stringMatching(/^\d{29}$/) })
    await expect(tenpay.refund({ ...asked, refund_fee: 1, sign_type })).rejects.toThrow('REFUND_FEE_MISMATCH')
    await control.advance(5_000)
    const found = await tenpay.refundQuery({ out_refund_no: asked.out_refund_no, sign_type })
    expect(found).toMatchObject({ refund_status_0: 'SUCCESS', refund_id_0: taken['refund_id'], refund_recv_accout_0: '支付用户零钱' })
  })

  it('and is turned away without one', async () => {
    const { tenpay, wish } = await openWithTenpay({ certificate: false })
    await expect(tenpay.refund(await wish())).rejects.toThrow('request fail')
  })

  it('and opens the notice', async () => {
    const { tenpay, wish, control, receiver } = await openWithTenpay()
    const asked = await wish()
    await tenpay.refund(asked)
    await control.advance(5_000)
    const { fields } = await openNotice(tenpay, receiver.bodies.at(-1) ?? '')
    expect(fields?.['req_info']).toMatchObject({
      out_refund_no: asked.out_refund_no,
      refund_status: 'SUCCESS',
      refund_fee: '1580',
      refund_request_source: 'API',
    })
  })

  it.each(['corrupted', 'wrong-key', 'other-mchid', 'other-appid'])('and not one that is %s', async (kind) => {
    const { tenpay, wish, control, receiver } = await openWithTenpay()
    const asked = await wish()
    await control.advance(0)
    await control.fault({ on: 'notice', kind, about: 'refund' })
    await tenpay.refund(asked)
    await control.advance(5_000)
    const { fields, reply } = await openNotice(tenpay, receiver.bodies.at(-1) ?? '')
    expect(fields).toBeUndefined()
    expect(reply).toContain('FAIL')
  })
})
