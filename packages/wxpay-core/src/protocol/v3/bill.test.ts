import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { collect } from '../../testing/bills.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { startServer, type Received } from '../../testing/server.ts'
import { answerError, answerSigned, v3, vectorsNow } from '../../testing/v3.ts'
import { readTradeBill } from '../bill/tradeBill.ts'
import { WechatRefusedError, WechatUnknownOutcomeError } from '../errors.ts'
import type { BillAnswer, BillKind } from '../port.ts'
import { createWechatPayV3 } from './client.ts'
import { readMerchantPrivateKey } from './keys.ts'
import { authorize } from './sign.ts'

const { keys } = v3
const { csv, sha1_of_uncompressed: sha1, gzip_base64 } = v3.trade_bill_all
const zipped = Buffer.from(gzip_base64, 'base64')
const vector = v3.request_signing.find(({ name }) => name === 'bill_download')
if (!vector) throw new Error('no vector')
const { url: filePath } = vector

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

interface Sides {
  /** The signed answer; the address of the file is on this server unless told. */
  address?: Record<string, unknown>
  refuse?: [status: number, code: string]
  file?: (response: ServerResponse) => void
}

async function wechat({ address = {}, refuse, file = (response) => response.end(zipped) }: Sides = {}) {
  const server = await startServer((response, received: Received) => {
    if (received.path?.startsWith('/v3/billdownload/')) file(response)
    else if (refuse) answerError(response, ...refuse)
    else answerSigned(response, { hash_type: 'SHA1', hash_value: sha1, download_url: `${server.url}${filePath}`, ...address })
  })
  const client = createWechatPayV3({
    appId: keys.appid,
    mchId: keys.mchid,
    key: keys.apiv3_key,
    merchantPrivateKey: keys.merchant.private_key_pem,
    merchantSerial: keys.merchant.serial_no,
    publicKey: { id: keys.wechatpay_public_key.id, pem: keys.wechatpay_public_key.public_key_pem },
    apiUrl: server.url,
    now: () => vectorsNow,
    nonce: () => '1234567890ABCDEF1234567890ABCDEF',
  })
  opened.push(
    () => server.close(),
    () => client.destroy(),
  )
  const download = (kind: BillKind = 'trade') => client.downloadBill({ kind, billDate: '2026-01-01' })
  return { server, download }
}

async function fileOf(answer: BillAnswer) {
  if (answer.state !== 'ready') throw new Error(`no bill: ${answer.state}`)
  return answer.file
}

describe('R21 a bill over v3', () => {
  it('is asked for, fetched with a signature over its path and query, and read', async () => {
    const { download, server } = await wechat()
    const file = await fileOf(await download())
    expect(await collect(readTradeBill(file.plain, { mchId: keys.mchid }))).toMatchObject([{ kind: 'payment' }, { kind: 'refund' }])
    expect(file.isWhole()).toBe(true)
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v3/bill/tradebill?bill_date=2026-01-01&bill_type=ALL&tar_type=GZIP',
      `GET ${filePath}`,
    ])
    const privateKey = readMerchantPrivateKey(keys.merchant.private_key_pem)
    const merchant = { mchId: keys.mchid, serial: keys.merchant.serial_no, privateKey }
    const nonce = '1234567890ABCDEF1234567890ABCDEF'
    const signable = { method: 'GET', pathAndQuery: filePath, timestamp: vectorsNow / 1000, nonce, body: '' } as const
    expect(server.received[1]?.headers.authorization).toBe(await authorize(merchant, signable))
  })

  it('is signed as in the vector', async () => {
    const privateKey = readMerchantPrivateKey(keys.merchant.private_key_pem)
    const merchant = { mchId: keys.mchid, serial: keys.merchant.serial_no, privateKey }
    const { timestamp, nonce_str: nonce } = vector
    const header = await authorize(merchant, { method: 'GET', pathAndQuery: filePath, timestamp: Number(timestamp), nonce, body: '' })
    expect(header).toBe(vector.authorization)
  })

  it('of the fund flow is the basic account’s', async () => {
    const { download, server } = await wechat()
    await fileOf(await download('fund-flow'))
    expect(server.received[0]?.path).toBe('/v3/bill/fundflowbill?bill_date=2026-01-01&account_type=BASIC&tar_type=GZIP')
  })

  it('is not whole when its bytes are not those of the signed answer', async () => {
    const { download } = await wechat({ file: (response) => response.end(csv.replace('9.90', '9.91')) })
    const file = await fileOf(await download())
    await collect(file.plain)
    expect(file).toMatchObject({ sha1 })
    expect(file.isWhole()).toBe(false)
  })

  it('is fetched from our own addresses, whatever host the answer names: what we sign goes nowhere else', async () => {
    const foreign = await startServer((response) => response.end(zipped))
    opened.push(() => foreign.close())
    for (const host of [foreign.url, 'https://api.mch.weixin.qq.com', 'https://elsewhere.example']) {
      const { download, server } = await wechat({ address: { download_url: `${host}${filePath}` } })
      await collect((await fileOf(await download())).plain)
      expect(server.received[1]?.path).toBe(filePath)
    }
    expect(foreign.received).toEqual([])
  })

  it.each<[string, [number, string], BillAnswer]>([
    ['no trade that day', [400, 'NO_STATEMENT_EXIST'], { state: 'empty' }],
    ['not made yet', [400, 'STATEMENT_CREATING'], { state: 'not-ready' }],
  ])('is not there: %s', async (_case, refuse, answer) => {
    const { download } = await wechat({ refuse })
    expect(await download()).toEqual(answer)
  })

  it('is refused for a day that has none any more', async () => {
    const { download } = await wechat({ refuse: [400, 'INVALID_REQUEST'] })
    expect(await errorOf(download())).toBeInstanceOf(WechatRefusedError)
  })

  it.each<[string, Sides]>([
    ['too many calls', { refuse: [429, 'FREQUENCY_LIMITED'] }],
    ['another kind of hash', { address: { hash_type: 'SM3' } }],
    ['a hash that is none', { address: { hash_value: 'e9b8' } }],
    ['no hash', { address: { hash_value: undefined } }],
    ['no address', { address: { download_url: undefined } }],
    ['an address of another protocol', { address: { download_url: `ftp://127.0.0.1${filePath}` } }],
    ['an address with a user in it', { address: { download_url: `https://a:b@127.0.0.1${filePath}` } }],
    ['an address outside of the API', { address: { download_url: 'https://127.0.0.1/other' } }],
    ['an address with a line end', { address: { download_url: `https://127.0.0.1${filePath}\nGET /` } }],
    ['a file that is too late', { file: (response) => answerError(response, 400, 'INVALID_REQUEST') }],
    ['a file that is not there', { file: (response) => response.writeHead(404).end() }],
    ['a file somewhere else', { file: (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end() }],
  ])('R4 is unknown after %s', async (_case, sides) => {
    const { download } = await wechat(sides)
    expect(await errorOf(download())).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})
