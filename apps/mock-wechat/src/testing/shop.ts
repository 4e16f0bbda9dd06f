import { formatBeijing } from '../support/beijing.ts'
import { base62, digits, randomText } from '../support/random.ts'
import { sign, type SignType } from '../v2/sign.ts'
import { readXml, writeXml, type Fields } from '../v2/xml.ts'

export interface ShopSettings {
  url: string
  mchid: string
  appid: string
  key: string
  notifyUrl: string
  signType?: SignType
}

export type Parameters = Record<string, string | undefined>
export type Shop = ReturnType<typeof createShop>

export const newNumber = () => `T${randomText(digits, 15)}`

/** A small merchant for tests. It shares code with the mock, so it proves nothing about signatures: src/conformance does. */
export function createShop({ url, mchid, appid, key, notifyUrl, signType = 'HMAC-SHA256' }: ShopSettings) {
  function message(parameters: Parameters): Fields {
    const envelope: Parameters = { appid, mch_id: mchid, nonce_str: randomText(base62, 16), sign_type: signType }
    const given = Object.entries({ ...envelope, ...parameters })
    const fields: Fields = new Map(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
    if (!fields.has('sign')) fields.set('sign', sign(fields, key, signType))
    return fields
  }

  async function post(path: string, body: string): Promise<Response> {
    return fetch(`${url}/pay/${path}`, { method: 'POST', headers: { 'content-type': 'text/xml' }, body })
  }

  async function call(path: string, parameters: Parameters): Promise<Record<string, string>> {
    const response = await post(
      path,
      writeXml(message(parameters), () => false),
    )
    return Object.fromEntries(readXml(await response.text()))
  }

  /** An answer that is no XML when all goes well. */
  async function download(path: string, parameters: Parameters) {
    const response = await post(
      path,
      writeXml(message(parameters), () => false),
    )
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
  }

  const order = (parameters: Parameters): Parameters => ({
    body: '青禾书店-《海图》',
    out_trade_no: newNumber(),
    total_fee: '4580',
    spbill_create_ip: '127.0.0.1',
    time_expire: formatBeijing(Date.now() + 900_000),
    notify_url: notifyUrl,
    trade_type: 'NATIVE',
    product_id: 'BOOK-0042',
    ...parameters,
  })

  return {
    key,
    mchid,
    appid,
    post,
    call,
    download,
    /** The XML of a create, signed. */
    orderXml: (parameters: Parameters) => writeXml(message(order(parameters)), () => false),
    /** Fields as they would be sent, signed. */
    message,
    create: (parameters: Parameters = {}) => call('unifiedorder', order(parameters)),
    query: (outTradeNo: string) => call('orderquery', { out_trade_no: outTradeNo }),
    close: (outTradeNo: string) => call('closeorder', { out_trade_no: outTradeNo }),
  }
}
