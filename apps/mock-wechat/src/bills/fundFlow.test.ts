import { gunzipSync } from 'node:zlib'
import { Agent, request } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openBillBench } from '../testing/billBench.ts'
import type { Merchant } from '../testing/control.ts'
import type { Parameters as Fields } from '../testing/shop.ts'
import { readXml, writeXml } from '../v2/xml.ts'

/** A merchant who asks for the bill of yesterday over TLS, with a certificate. */
async function openTlsBench(options: Parameters<typeof openBillBench>[0] = {}) {
  const bench = await openBillBench({ tlsPort: 0, ...options })
  const { tls } = bench.mock
  if (!tls) throw new Error('the mock does not listen on TLS')
  const path = '/pay/downloadfundflow'
  const body = (more: Fields) =>
    writeXml(bench.shop.message({ bill_date: bench.yesterday.replaceAll('-', ''), account_type: 'Basic', ...more }), () => false)

  async function fundflow(more: Fields = {}, whose: Merchant | null = bench.merchant) {
    const own = whose && { cert: whose.merchantCertificate, key: whose.merchantPrivateKey }
    const dispatcher = new Agent({ connect: { ca: tls?.ca ?? '', ...own } })
    onTestFinished(() => dispatcher.destroy())
    const answer = await request(`${tls?.url}${path}`, { method: 'POST', body: body(more), dispatcher })
    return { status: answer.statusCode, bytes: Buffer.from(await answer.body.arrayBuffer()) }
  }

  return { ...bench, fundflow, body, path }
}

const refusal = ({ bytes }: { bytes: Buffer }) => Object.fromEntries(readXml(bytes))

describe('POST /pay/downloadfundflow', () => {
  it('answers with the bill itself to who shows his certificate', async () => {
    const { fundflow, sell } = await openTlsBench()
    const number = await sell()
    const { bytes } = await fundflow()
    expect(bytes.toString('utf8')).toMatch(/^\ufeff记账时间,.*业务凭证号\r\n`/)
    expect(bytes.toString('utf8')).toMatch(new RegExp(`\`45\\.80,\`1045\\.80,\`system,\`结算总金额 45\\.80 元,\`${number}\r\n`))
    expect(gunzipSync((await fundflow({ tar_type: 'GZIP' })).bytes)).toEqual(bytes)
  })

  it('wants a certificate, and the right one', async () => {
    const { fundflow, body, path, url, other } = await openTlsBench()
    for (const answer of [await fundflow({}, null), await plainly()])
      expect(answer).toMatchObject({
        status: 400,
        bytes: expect.toSatisfy((bytes: Buffer) => bytes.includes('No required SSL certificate')),
      })
    expect(refusal(await fundflow({}, other))).toMatchObject({ result_code: 'FAIL', err_code: 'CERT_ERROR' })

    async function plainly() {
      const response = await fetch(url + path, { method: 'POST', body: body({}) })
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
    }
  })

  it('takes HMAC-SHA256 only', async () => {
    const { fundflow } = await openTlsBench({ signType: 'MD5' })
    expect(refusal(await fundflow())).toEqual({ return_code: 'FAIL', return_msg: '签名错误' })
  })

  it.each([
    [{}, 'NO_BILL_EXIST'],
    [{ account_type: 'Fees' }, 'NO_BILL_EXIST'],
    [{ account_type: 'Other' }, 'PARAM_ERROR'],
    [{ bill_date: '20200101' }, 'PARAM_ERROR'],
  ])('%j: %s, not signed', async (parameters, err_code) => {
    const { fundflow } = await openTlsBench()
    const answer = refusal(await fundflow(parameters))
    expect(answer).toMatchObject({ return_code: 'SUCCESS', result_code: 'FAIL', err_code })
    expect(answer).not.toHaveProperty('sign')
  })

  it('is not ready when that was ordered', async () => {
    const { fundflow, sell, control } = await openTlsBench()
    await sell()
    await control.fault({ on: 'fund-flow-bill', kind: 'not-ready' })
    expect(refusal(await fundflow())).toMatchObject({ err_code: 'BILL_CREATING' })
  })
})
