import { describe, expect, it } from 'vitest'
import { doctorTable, wrap } from './doctorTable.ts'

describe('the table of the doctor', () => {
  it('aligns check, state and what was seen, and puts the advice below', () => {
    const table = doctorTable(
      [
        { check: 'appid', state: 'ok', detail: 'wx0123456789abcdef' },
        {
          check: 'v2 signature',
          state: 'fault',
          detail: 'WeChat says "签名错误"\n  appid=wx&key=****',
          advice: 'Compare it.',
          settings: 'WXPAY_V2_KEY',
        },
        { check: 'clock', state: 'warning', detail: '31 s ahead of WeChat’s', advice: 'Set it.' },
      ],
      80,
    )
    expect(table.split('\n')).toEqual([
      'appid         ok       wx0123456789abcdef',
      'v2 signature  fault    WeChat says "签名错误"',
      '                         appid=wx&key=****',
      '                       → Compare it. (WXPAY_V2_KEY)',
      'clock         warning  31 s ahead of WeChat’s',
      '                       → Set it.',
      '',
      '1 fault, 1 warning.',
    ])
  })

  it('says so when nothing is wrong', () => {
    expect(doctorTable([{ check: 'appid', state: 'ok', detail: 'wx' }], 80)).toMatch(
      /\nNothing is wrong, as far as it can be seen from here\.$/,
    )
  })

  it('breaks between words, and counts Chinese characters as two columns', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
    // 8 + 1 + 7 columns
    expect(wrap('账户中心 API安全', 16)).toEqual(['账户中心 API安全'])
    expect(wrap('账户中心 API安全', 15)).toEqual(['账户中心', 'API安全'])
  })

  it('leaves whole what is there to be copied', () => {
    const long = 'a'.repeat(50)
    expect(wrap(`see ${long}`, 20)).toEqual(['see', long])
    expect(wrap('  2  /v3/pay/transactions and more', 10)).toEqual(['  2  /v3/pay/transactions and more'])
  })
})
