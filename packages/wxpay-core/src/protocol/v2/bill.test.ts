import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { collect } from '../../testing/bills.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { fixture, merchant } from '../../testing/fixtures.ts'
import { startServer, type Behaviour } from '../../testing/server.ts'
import { startTlsServer, tls } from '../../testing/tlsServer.ts'
import { readTradeBill } from '../bill/tradeBill.ts'
import { BillKindUnavailableError, WechatUnknownOutcomeError } from '../errors.ts'
import type { BillAnswer } from '../port.ts'
import { ClientCertificateError } from './certified.ts'
import { createWechatPayV2, type WechatPayV2Options } from './client.ts'
import { readXml } from './xml.ts'

const day = { kind: 'trade', billDate: '2026-03-01' } as const
const flowDay = { kind: 'fund-flow', billDate: '2026-03-01' } as const
const tradeBill = fixture('tradebill-all.csv')
const fundFlowBill = fixture('fundflowbill-basic.csv')

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

const behaviourOf = (answer: string | Buffer | Behaviour): Behaviour =>
  typeof answer === 'function' ? answer : (response) => response.end(answer)

async function plainWechat(answer: string | Buffer | Behaviour, options: Partial<WechatPayV2Options> = {}) {
  return opening(await startServer(behaviourOf(answer)), options)
}

async function securedWechat(answer: string | Buffer | Behaviour, options: Partial<WechatPayV2Options> = {}) {
  return opening(await startTlsServer(behaviourOf(answer)), { apiCa: tls.ca, certificate: tls.merchant, ...options })
}

function opening(server: Awaited<ReturnType<typeof startServer>>, options: Partial<WechatPayV2Options>) {
  const client = createWechatPayV2({ ...merchant, signType: 'MD5', apiUrl: server.url, ...options })
  opened.push(
    () => server.close(),
    () => client.destroy(),
  )
  const sent = () => Object.fromEntries(readXml(Buffer.from(server.received[0]?.body ?? '')))
  return { client, server, sent }
}

async function textOf(answer: BillAnswer): Promise<string> {
  if (answer.state !== 'ready') throw new Error(`no bill: ${answer.state}`)
  return Buffer.concat(await collect(answer.file.plain)).toString('utf8')
}

describe('R21 a trade bill over v2', () => {
  it('is asked for as WeChat documents, in gzip', async () => {
    const { client, server, sent } = await plainWechat(gzipSync(tradeBill), { nonce: () => 'Tg8Yh2Uj6Ik0Ol4P' })
    const answer = await client.downloadBill(day)
    expect(await textOf(answer)).toBe(tradeBill.toString('utf8'))
    expect(answer).toMatchObject({ file: { sha1: null } })
    expect(server.received[0]).toMatchObject({ method: 'POST', path: '/pay/downloadbill' })
    const { sign: _, ...documented } = Object.fromEntries(readXml(fixture('downloadbill-request.md5.xml')))
    expect(sent()).toMatchObject({ ...documented, sign_type: 'MD5', tar_type: 'GZIP' })
  })

  it('may come plain all the same, and goes straight into its reader', async () => {
    const { client } = await plainWechat(tradeBill)
    const answer = await client.downloadBill(day)
    if (answer.state !== 'ready') throw new Error(answer.state)
    expect(await collect(readTradeBill(answer.file.plain, { mchId: merchant.mchId }))).toMatchObject([{ kind: 'payment' }])
  })

  const failure = (message: string, field = 'return_msg') =>
    `<xml><return_code>FAIL</return_code><${field}><![CDATA[${message}]]></${field}><error_code>20002</error_code></xml>`

  it.each([
    ['No Bill Exist', 'empty'],
    ['NO Bill Exist', 'empty'],
    ['Bill Creating', 'not-ready'],
  ])('is not there: %s means %s', async (message, state) => {
    const { client } = await plainWechat(failure(message))
    expect(await client.downloadBill(day)).toEqual({ state })
  })

  it('is not there: WeChat’s own example', async () => {
    const { client } = await plainWechat(fixture('downloadbill-answer-none.unsigned.xml'))
    expect(await client.downloadBill(day)).toEqual({ state: 'empty' })
  })

  it.each<[string, string | Buffer | Behaviour]>([
    ['SYSTEMERROR', failure('SYSTEMERROR')],
    ['a wrong signature', failure('SIGN ERROR')],
    ['CompressGZip Error', failure('CompressGZip Error')],
    ['a reason in a field that no page names', failure('No Bill Exist', 'message')],
    ['XML that is none', '<xml><return_code>FAIL'],
    ['a page of HTML', '<html></html>'],
    ['nothing', ''],
    ['a success that is no bill', '<xml><return_code>SUCCESS</return_code><return_msg>No Bill Exist</return_msg></xml>'],
    ['500', (response) => response.writeHead(500).end('`')],
    ['a redirect', (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end('No Bill Exist')],
    ['more XML than any answer has', `<xml>${' '.repeat(70_000)}</xml>`],
  ])('R4 is unknown after %s', async (_case, answer) => {
    const { client } = await plainWechat(answer)
    expect(await errorOf(client.downloadBill(day))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it('that is cut off while it is read is unknown', async () => {
    const { client } = await plainWechat((response, _received, incoming) => {
      response.writeHead(200, { 'content-length': tradeBill.length })
      response.write(tradeBill.subarray(0, 300), () => incoming.socket.destroy())
    })
    const answer = await client.downloadBill(day)
    expect(await errorOf(textOf(answer))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})

describe('R21 a fund-flow bill over v2', () => {
  it('is asked for as WeChat documents: with the certificate, by HMAC-SHA256 whatever orders are signed by', async () => {
    const { client, server, sent } = await securedWechat(gzipSync(fundFlowBill), { signType: 'MD5', nonce: () => 'Ik9Ol3Pm7Nb1Vc5X' })
    expect(await textOf(await client.downloadBill(flowDay))).toBe(fundFlowBill.toString('utf8'))
    expect(server.received[0]).toMatchObject({ method: 'POST', path: '/pay/downloadfundflow' })
    const { sign: _, ...documented } = Object.fromEntries(readXml(fixture('downloadfundflow-request.hmac-sha256.xml')))
    expect(sent()).toMatchObject({ ...documented, tar_type: 'GZIP', sign: expect.stringMatching(/^[0-9A-F]{64}$/) })
  })

  it('cannot be had without a certificate', async () => {
    const { client, server } = await plainWechat(fundFlowBill)
    expect(await errorOf(client.downloadBill(flowDay))).toBeInstanceOf(BillKindUnavailableError)
    expect(server.received).toEqual([])
  })

  it('is unknown with the certificate of a stranger, and names the certificate', async () => {
    const { client } = await securedWechat(fundFlowBill, { certificate: tls.stranger })
    const error = await errorOf(client.downloadBill(flowDay))
    expect(error).toBeInstanceOf(WechatUnknownOutcomeError)
    expect(error).toMatchObject({ cause: expect.any(ClientCertificateError) })
  })

  it.each([
    ['NO_BILL_EXIST', 'empty'],
    ['BILL_CREATING', 'not-ready'],
  ])('is not there: %s means %s', async (code, state) => {
    const { client } = await securedWechat(
      fixture('downloadfundflow-answer-none.unsigned.xml').toString('utf8').replace('NO_BILL_EXIST', code),
    )
    expect(await client.downloadBill(flowDay)).toEqual({ state })
  })
})
