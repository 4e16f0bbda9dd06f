import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openBillBench } from '../testing/billBench.ts'
import { readXml } from '../v2/xml.ts'

const refusal = ({ bytes }: { bytes: Buffer }) => Object.fromEntries(readXml(bytes))

describe('POST /pay/downloadbill', () => {
  it('answers with the bill itself, plain or as gzip', async () => {
    const { downloadbill, sell, merchant } = await openBillBench()
    const number = await sell({ couponFen: 500 }, { attach: 'branch=7,till=<2>' })
    const plain = await downloadbill()
    expect(plain.headers.get('content-type')).toMatch(/^text\/plain/)
    const text = plain.bytes.toString('utf8')
    expect(text).toContain(`,\`${merchant.mchid},\`0,\`,\``)
    expect(text).toMatch(
      new RegExp(
        `,\`${number},.*,\`NATIVE,\`SUCCESS,\`OTHERS,\`CNY,\`45\\.80,\`5\\.00,.*\`branch=7,till=<2>,\`0\\.27000,\`0\\.60%,\`45\\.80,`,
      ),
    )
    expect(text).toMatch(/\r\n`1,`45\.80,`0\.00,`0\.00,`0\.27000,`45\.80,`0\.00\r\n$/)
    const zipped = await downloadbill({ tar_type: 'GZIP' })
    expect(zipped.bytes.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
    expect(gunzipSync(zipped.bytes)).toEqual(plain.bytes)
  })

  it('is per merchant: any of its appids may ask', async () => {
    const { downloadbill, sell, merchant } = await openBillBench()
    await sell()
    const [first, second] = [await downloadbill(), await downloadbill({ appid: merchant.appids[1] ?? '' })]
    expect(second.bytes).toEqual(first.bytes)
  })

  it.each([
    [{}, 'No Bill Exist', '20002'],
    [{ bill_type: 'REFUND' }, 'No Bill Exist', '20002'],
    [{ bill_type: 'RECHARGE_REFUND' }, 'No Bill Exist', '20002'],
    [{ bill_date: '2026-03-01' }, 'invalid bill_date', '20001'],
    [{ bill_date: '20260230' }, 'invalid bill_date', '20001'],
    [{ bill_date: '20200101' }, 'invalid bill_date', '20001'],
    [{ bill_date: '' }, 'missing parameter', '20001'],
    [{ bill_type: 'EVERYTHING' }, 'invalid bill_type', '20001'],
    [{ tar_type: 'ZIP' }, 'data format error', '20001'],
    [{ sign: 'A'.repeat(32) }, 'sign error', '20001'],
  ])('%j: refused in XML, also when gzip was asked for', async (parameters, return_msg, error_code) => {
    const { downloadbill } = await openBillBench()
    const expected = { return_code: 'FAIL', return_msg, error_code }
    expect(refusal(await downloadbill({ tar_type: 'GZIP', ...parameters }))).toEqual(expected)
  })

  it('is made at nine of the next morning', async () => {
    const { downloadbill, sell, control, today } = await openBillBench()
    await sell({ daysAgo: 0 })
    const bill_date = today.replaceAll('-', '')
    expect(refusal(await downloadbill({ bill_date }))).toMatchObject({ return_msg: 'invalid bill_date' })
    await control.advance(20 * 3_600_000)
    expect(refusal(await downloadbill({ bill_date }))).toEqual({ return_code: 'FAIL', return_msg: 'Bill Creating' })
    await control.advance(3_600_000)
    expect((await downloadbill({ bill_date })).bytes.toString('utf8')).toMatch(/^\ufeff交易时间/)
  })

  it('takes POST only', async () => {
    const { url } = await openBillBench()
    const response = await fetch(`${url}/pay/downloadbill`)
    expect(await response.text()).toContain('require POST method')
  })
})
