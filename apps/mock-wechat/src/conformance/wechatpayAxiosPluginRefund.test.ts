import { Agent } from 'node:https'
import { Aes, Decorator, Formatter, Hash, Rsa, Transformer } from 'wechatpay-axios-plugin'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openCertified } from '../testing/certifiedShop.ts'
import { newNumber } from '../testing/shop.ts'

const Fields = z.record(z.string(), z.string())
const Sealed = z.object({
  event_type: z.string(),
  resource: z.object({ ciphertext: z.string(), nonce: z.string(), associated_data: z.string() }),
})
const refunds = 'v3/refund/domestic/refunds'

/** Its v3 client: signs every request, and throws when the signature of a 2xx does not fit WeChat's key. */
async function openWithV3() {
  const bench = await openCertified()
  const { merchant, url, jsonShop, control } = bench
  const { publicKeyId, publicKey } = merchant.platform
  const { mchid, merchantSerial: serial, merchantPrivateKey: privateKey } = merchant
  const access = { baseURL: `${url}/`, mchid, serial, privateKey, certs: { [publicKeyId]: publicKey } }
  const client = Decorator.jsonBased(access)
  const outTradeNo = newNumber()
  await jsonShop.create({ out_trade_no: outTradeNo })
  await control.pay({ outTradeNo, couponFen: 500 })
  await control.advance(0)
  const wish = {
    out_trade_no: outTradeNo,
    out_refund_no: newNumber(),
    reason: '缺货 & 退款',
    notify_url: bench.receiver.url,
    amount: { refund: 1580, total: 4580, currency: 'CNY' },
  }
  return { ...bench, client, wish, publicKey }
}

describe('wechatpay-axios-plugin refunds in v3', () => {
  it('and verifies the answer and the query', async () => {
    const { client, wish, control } = await openWithV3()
    const taken: unknown = (await client.post<unknown>(refunds, wish)).data
    expect(taken).toMatchObject({
      status: 'PROCESSING',
      out_refund_no: wish.out_refund_no,
      amount: { payer_refund: 1408, discount_refund: 172 },
    })
    expect((await client.post<unknown>(refunds, wish)).data).toEqual(taken)
    await control.advance(5_000)
    expect((await client.get<unknown>(`${refunds}/${wish.out_refund_no}`)).data).toMatchObject({ status: 'SUCCESS' })
    await expect(client.get<unknown>(`${refunds}/NEVER`)).rejects.toMatchObject({
      response: { status: 404, data: { code: 'RESOURCE_NOT_EXISTS' } },
    })
  })

  it('and verifies and opens the notice', async () => {
    const { client, wish, control, receiver, merchant, publicKey } = await openWithV3()
    await client.post<unknown>(refunds, wish)
    await control.advance(5_000)
    const [headers, body] = [receiver.headers.at(-1) ?? {}, receiver.bodies.at(-1) ?? '']
    const header = (name: string) => z.string().parse(headers[name])
    const text = Formatter.response(header('wechatpay-timestamp'), header('wechatpay-nonce'), body)
    expect(Rsa.verify(text, header('wechatpay-signature'), Rsa.from(publicKey, Rsa.KEY_TYPE_PUBLIC))).toBe(true)
    const { event_type, resource } = Sealed.parse(JSON.parse(body))
    expect(event_type).toBe('REFUND.SUCCESS')
    const opened: unknown = JSON.parse(Aes.AesGcm.decrypt(resource.ciphertext, merchant.apiV3Key, resource.nonce, resource.associated_data))
    expect(opened).toMatchObject({ refund_status: 'SUCCESS', out_refund_no: wish.out_refund_no, amount: { total: 4580, refund: 1580 } })
  })
})

describe('wechatpay-axios-plugin refunds in v2', () => {
  /** @param certificate - whether it shows the merchant's */
  async function openWithV2(certificate: boolean) {
    const bench = await openCertified()
    const { merchant, tls, settings } = bench
    const { mchid, appid, key } = settings
    const own = certificate && { cert: merchant.merchantCertificate, key: merchant.merchantPrivateKey }
    const access = { mchid, secret: key, baseURL: `${tls.url}/`, httpsAgent: new Agent({ ca: tls.ca, ...own }) }
    const client = Decorator.xmlBased(access)
    const wish = {
      appid,
      mch_id: mchid,
      sign_type: 'HMAC-SHA256',
      out_trade_no: await bench.paid(),
      out_refund_no: newNumber(),
      total_fee: '4580',
      refund_fee: '1580',
      notify_url: bench.receiver.url,
    }
    return {
      ...bench,
      wish,
      post: async (path: string, fields: z.infer<typeof Fields>) => Fields.parse((await client.post<unknown>(path, fields)).data),
    }
  }

  it('over TLS with its certificate, and verifies the answer, the query, and opens the notice', async () => {
    const { post, wish, control, receiver, shop } = await openWithV2(true)
    const taken = await post('secapi/pay/refund', wish)
    expect(taken).toMatchObject({ result_code: 'SUCCESS', refund_fee: '1580' })
    await control.advance(5_000)
    const { total_fee: _, refund_fee: _fee, notify_url: _url, out_trade_no: _trade, ...same } = wish
    expect(await post('pay/refundquery', same)).toMatchObject({ refund_status_0: 'SUCCESS', refund_id_0: taken['refund_id'] })
    const notice = Fields.parse(Transformer.toObject(receiver.bodies.at(-1) ?? ''))
    const inner = Aes.AesEcb.decrypt(notice['req_info'] ?? '', Hash.md5(shop.key))
    expect(inner).toContain(`<refund_id><![CDATA[${taken['refund_id'] ?? ''}]]></refund_id>`)
  })

  it('and is turned away without one', async () => {
    const { post, wish } = await openWithV2(false)
    await expect(post('secapi/pay/refund', wish)).rejects.toThrow()
  })
})
