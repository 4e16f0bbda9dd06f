import { X509Certificate } from 'node:crypto'
import { Aes, Decorator, Formatter, Rsa } from 'wechatpay-axios-plugin'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBench } from '../testing/bench.ts'
import { openidAt } from '../testing/payers.ts'
import { newNumber } from '../testing/shop.ts'

type Mode = 'cert' | 'pubkey'
const native = 'v3/pay/transactions/native'
const byNumber = (outTradeNo: string) => `v3/pay/transactions/out-trade-no/${outTradeNo}`
const Coded = z.object({ code_url: z.string().regex(/^weixin:/) })

/** Its v3 client: signs every request, and throws when the signature of a 2xx does not fit one of WeChat's keys. */
async function openWithPlugin(mode: Mode) {
  const bench = await openBench({ reply: (response) => void response.writeHead(204).end() })
  const { merchant, control, receiver } = bench
  await control.signing({ mode })
  const { platform } = merchant
  const certs = mode === 'pubkey' ? { [platform.publicKeyId]: platform.publicKey } : { [platform.serial]: platform.certificate }
  const settings = {
    baseURL: `${bench.url}/`,
    mchid: merchant.mchid,
    serial: merchant.merchantSerial,
    privateKey: merchant.merchantPrivateKey,
    certs,
  }
  const client = Decorator.jsonBased(settings)
  const params = { mchid: merchant.mchid }
  const order = () => ({
    ...params,
    appid: merchant.appids[0],
    description: '青禾书店-《海图》 & more',
    attach: 'branch=7&till=<2>',
    out_trade_no: newNumber(),
    notify_url: receiver.url,
    amount: { total: 4580, currency: 'CNY' },
  })
  return { ...bench, client, params, order, certs, receivedHeaders: () => receiver.headers[0] ?? {} }
}

describe.each<Mode>(['pubkey', 'cert'])('wechatpay-axios-plugin, v3, WeChat signs in mode %s', (mode) => {
  it('creates, queries by both numbers and closes, and verifies every answer', async () => {
    const { client, params, order, control } = await openWithPlugin(mode)
    const wanted = order()
    Coded.parse((await client.post<unknown>(native, wanted)).data)
    const open = await client.get<unknown>(byNumber(wanted.out_trade_no), { params })
    expect(open.data).toMatchObject({ trade_state: 'NOTPAY', out_trade_no: wanted.out_trade_no })
    await control.pay({ outTradeNo: wanted.out_trade_no, couponFen: 500 })
    const paid = (await client.get<unknown>(byNumber(wanted.out_trade_no), { params })).data
    expect(paid).toMatchObject({ trade_state: 'SUCCESS', attach: wanted.attach, amount: { total: 4580, payer_total: 4080 } })
    const { transaction_id } = z.object({ transaction_id: z.string() }).parse(paid)
    expect((await client.get<unknown>(`v3/pay/transactions/id/${transaction_id}`, { params })).data).toEqual(paid)
  })

  it('closes, and verifies the signature of an answer without a body', async () => {
    const { client, params, order } = await openWithPlugin(mode)
    const wanted = order()
    await client.post<unknown>(native, wanted)
    expect((await client.post<unknown>(`${byNumber(wanted.out_trade_no)}/close`, params)).status).toBe(204)
    await expect(client.post<unknown>(native, wanted)).rejects.toMatchObject({ response: { status: 400, data: { code: 'ORDER_CLOSED' } } })
  })

  it('verifies and opens a notice with its own tools, and not one that was changed on the way', async () => {
    const { client, order, control, receiver, merchant, certs, receivedHeaders } = await openWithPlugin(mode)
    const wanted = order()
    await client.post<unknown>(native, wanted)
    await control.pay({ outTradeNo: wanted.out_trade_no, couponFen: 500 })
    await receiver.received(1)
    const header = (name: string) => z.string().parse(receivedHeaders()[name])
    const body = receiver.bodies[0] ?? ''
    const verify = (text: string) =>
      Rsa.verify(
        Formatter.response(header('wechatpay-timestamp'), header('wechatpay-nonce'), text),
        header('wechatpay-signature'),
        Rsa.from(certs[header('wechatpay-serial')] ?? '', Rsa.KEY_TYPE_PUBLIC),
      )
    expect(verify(body)).toBe(true)
    expect(verify(body.replace('TRANSACTION.SUCCESS', 'TRANSACTION.SUCCES'))).toBe(false)
    const { resource } = z
      .object({ resource: z.object({ ciphertext: z.string(), nonce: z.string(), associated_data: z.string() }) })
      .parse(JSON.parse(body))
    const opened: unknown = JSON.parse(Aes.AesGcm.decrypt(resource.ciphertext, merchant.apiV3Key, resource.nonce, resource.associated_data))
    expect(opened).toMatchObject({
      out_trade_no: wanted.out_trade_no,
      trade_state: 'SUCCESS',
      amount: { total: 4580, payer_total: 4080, currency: 'CNY' },
      attach: wanted.attach,
    })
  })

  it.each(['wrong-signature', 'wrong-key', 'unknown-serial', 'signtest', 'unsigned', 'stale'])(
    'does not take an answer under %s',
    async (kind) => {
      const { client, order, control } = await openWithPlugin(mode)
      await control.fault({ on: 'create', kind })
      await expect(client.post<unknown>(native, order())).rejects.toThrow()
    },
  )
})

describe('wechatpay-axios-plugin inside WeChat', () => {
  it.each(['official-account', 'mini-program'] as const)(
    'creates for a user of the %s, and signs what brings up the sheet',
    async (kind) => {
      const { client, order, merchant, control } = await openWithPlugin('pubkey')
      const appId = merchant.accounts.find((account) => account.kind === kind)?.appid ?? ''
      const wanted = { ...order(), appid: appId, payer: { openid: openidAt(merchant, kind) } }
      const { prepay_id } = z
        .object({ prepay_id: z.string() })
        .parse((await client.post<unknown>('v3/pay/transactions/jsapi', wanted)).data)
      const signed = { timeStamp: String(Formatter.timestamp()), nonceStr: Formatter.nonce(), package: `prepay_id=${prepay_id}` }
      const text = Formatter.joinedByLineFeed(appId, signed.timeStamp, signed.nonceStr, signed.package)
      const paySign = Rsa.sign(text, Rsa.from(merchant.merchantPrivateKey, Rsa.KEY_TYPE_PRIVATE))
      const who = kind === 'mini-program' ? { miniProgramAppId: appId } : { appId }
      const { json } = await control.call('POST', 'bridge/pay', { ...who, ...signed, signType: 'RSA', paySign })
      expect(json).toMatchObject({ state: 'sheet', prepayId: prepay_id, outTradeNo: wanted.out_trade_no })
      await control.pay({ prepayId: prepay_id })
      const paid = (await client.get<unknown>(byNumber(wanted.out_trade_no), { params: { mchid: merchant.mchid } })).data
      expect(paid).toMatchObject({ trade_type: 'JSAPI', payer: { openid: openidAt(merchant, kind) } })
    },
  )

  it('creates an H5 order', async () => {
    const { client, order, url } = await openWithPlugin('pubkey')
    const wanted = { ...order(), scene_info: { payer_client_ip: '203.0.113.7', h5_info: { type: 'Wap' } } }
    const { data } = await client.post<unknown>('v3/pay/transactions/h5', wanted)
    expect(data).toEqual({ h5_url: expect.stringMatching(new RegExp(`^${url}/`)) })
  })
})

describe('wechatpay-axios-plugin downloads certificates', () => {
  it('and decrypts them, two of them while one replaces the other', async () => {
    const { client, control, merchant } = await openWithPlugin('cert')
    const download = async () => {
      const { data } = z
        .object({
          data: z.array(
            z.object({
              serial_no: z.string(),
              encrypt_certificate: z.object({ ciphertext: z.string(), nonce: z.string(), associated_data: z.string() }),
            }),
          ),
        })
        .parse((await client.get<unknown>('v3/certificates')).data)
      return data.map(({ serial_no, encrypt_certificate: { ciphertext, nonce, associated_data } }) => {
        const { serialNumber } = new X509Certificate(Aes.AesGcm.decrypt(ciphertext, merchant.apiV3Key, nonce, associated_data))
        return { serial_no, serialNumber }
      })
    }
    const { serial } = merchant.platform
    expect(await download()).toEqual([{ serial_no: serial, serialNumber: serial }])
    await control.rotate()
    // The new one signs at once: a client that knows only the old one must fetch, and takes nothing unverified.
    await expect(download()).rejects.toThrow(/serial/)
  })

  it('and hears that there are none when WeChat signs with the public key', async () => {
    const { client } = await openWithPlugin('pubkey')
    await expect(client.get<unknown>('v3/certificates')).rejects.toMatchObject({
      response: { status: 404, data: { code: 'RESOURCE_NOT_EXISTS' } },
    })
  })
})
