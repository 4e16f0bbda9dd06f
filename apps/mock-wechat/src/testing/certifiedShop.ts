import { onTestFinished } from 'vitest'
import { Agent, request } from 'undici'
import { readXml, writeXml } from '../v2/xml.ts'
import { openBench, type BenchOptions } from './bench.ts'
import type { Merchant } from './control.ts'
import { newNumber, type Parameters } from './shop.ts'

/** A mock that listens on TLS too, and a merchant of v2 with his certificate; the real clock stands still. */
export async function openCertified(options: BenchOptions = {}) {
  const frozen = Date.now()
  const bench = await openBench({ tlsPort: 0, realNow: () => frozen, ...options })
  const { tls } = bench.mock
  if (!tls) throw new Error('the mock does not listen on TLS')

  /** @param whose - the certificate to show; null: none */
  async function post(
    path: string,
    body: string,
    whose: Pick<Merchant, 'merchantCertificate' | 'merchantPrivateKey'> | null = bench.merchant,
    timeoutMs = 20_000,
  ) {
    const own = whose && { cert: whose.merchantCertificate, key: whose.merchantPrivateKey }
    const agent = new Agent({ connect: { ca: tls?.ca ?? '', ...own } })
    onTestFinished(() => agent.destroy())
    const answer = await request(`${tls?.url}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/xml' },
      dispatcher: agent,
      signal: AbortSignal.timeout(timeoutMs),
    })
    return { status: answer.statusCode, type: answer.headers['content-type'], text: await answer.body.text() }
  }

  const xml = (parameters: Parameters) => writeXml(bench.shop.message(parameters), () => false)
  const wish = (parameters: Parameters): Parameters => ({
    out_refund_no: newNumber(),
    total_fee: '4580',
    refund_fee: '1580',
    ...parameters,
  })

  async function refund(parameters: Parameters): Promise<Record<string, string>> {
    return Object.fromEntries(readXml((await post('/secapi/pay/refund', xml(wish(parameters)))).text))
  }

  /** A v2 trade that was paid, and its number. */
  async function paid(choice: Record<string, unknown> = {}, parameters: Parameters = {}): Promise<string> {
    const outTradeNo = newNumber()
    await bench.shop.create({ out_trade_no: outTradeNo, ...parameters })
    await bench.control.pay({ outTradeNo, ...choice })
    return outTradeNo
  }

  return {
    ...bench,
    tls,
    post,
    xml,
    wish,
    refund,
    paid,
    refundQuery: (parameters: Parameters) => bench.shop.call('refundquery', parameters),
  }
}
