import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBench } from '../testing/bench.ts'
import { newNumber } from '../testing/shop.ts'
import { isSigned } from '../v2/sign.ts'
import { readXml } from '../v2/xml.ts'
import { billTargets, callTargets, describeKind, faultKinds, isFaultKind, type FaultKind, type Target } from './kinds.ts'

/** Pays while a fault is on, on a clock that stands still. */
async function payUnder(fault: object, parameters: Record<string, string> = {}) {
  const frozen = Date.now()
  const bench = await openBench({ realNow: () => frozen })
  const pay = async (more: Record<string, string> = {}) => {
    const outTradeNo = newNumber()
    await bench.shop.create({ out_trade_no: outTradeNo, ...parameters, ...more })
    await bench.control.pay({ outTradeNo })
    await bench.control.advance(0)
    return outTradeNo
  }
  await bench.control.fault({ on: 'notice', ...fault })
  const outTradeNo = await pay()
  return { ...bench, pay, outTradeNo }
}

async function noticeUnder(fault: object) {
  const result = await payUnder(fault)
  const fields = readXml(result.receiver.bodies[0] ?? '')
  return { ...result, fields: Object.fromEntries(fields), signed: isSigned(fields, result.shop.key, 'HMAC-SHA256') }
}

describe('a delivery that fails', () => {
  it.each([
    ['drop', 0],
    ['unreachable', 0],
    ['answer-lost', 1],
  ])('%s: counts as a failure, and the ladder goes on', async (kind, arrived) => {
    const { control, receiver } = await payUnder({ kind, times: 2 })
    expect(receiver.bodies).toHaveLength(arrived)
    expect(await control.notices()).toMatchObject([
      { state: 'waiting', attempts: [{ acknowledged: false, faults: [kind], error: expect.any(String) }] },
    ])
    await control.advance(30_000)
    expect(await control.notices()).toMatchObject([{ state: 'acknowledged', attempts: [{}, {}, { acknowledged: true, faults: [] }] }])
  })

  it('drop without end: all notices are lost', async () => {
    const { control, receiver } = await payUnder({ kind: 'drop' })
    await control.advance(90_000_000)
    expect(receiver.bodies).toEqual([])
    expect(await control.notices()).toMatchObject([{ state: 'given-up' }])
  })
})

describe('a delivery that comes more than once, late, or out of turn', () => {
  it.each(['duplicate', 'duplicate-at-once'])('R10 %s: ten times the same bytes, one delivery on the ladder', async (kind) => {
    const { control, receiver } = await payUnder({ kind, copies: 10, times: 1 })
    expect(receiver.bodies).toHaveLength(10)
    expect(new Set(receiver.bodies)).toHaveLength(1)
    expect(await control.notices()).toMatchObject([{ state: 'acknowledged', attempts: [{ acknowledged: true }] }])
  })

  it('late: leaves after so much virtual time, and takes no rung', async () => {
    const { control, receiver } = await payUnder({ kind: 'late', ms: 600_000 })
    await control.advance(599_999)
    expect(receiver.bodies).toEqual([])
    await control.advance(1)
    expect(receiver.bodies).toHaveLength(1)
    expect(await control.notices()).toMatchObject([{ state: 'acknowledged', failures: 0 }])
  })

  it('out-of-order: the second payment’s notice overtakes the first’s', async () => {
    const { receiver, outTradeNo, pay, control } = await payUnder({ kind: 'out-of-order', times: 1 })
    expect(receiver.bodies).toEqual([])
    const second = await pay()
    await control.advance(0)
    expect(receiver.bodies.map((body) => readXml(body).get('out_trade_no'))).toEqual([second, outTradeNo])
  })

  it('out-of-order with nobody to overtake: comes 15 s later', async () => {
    const { receiver, control } = await payUnder({ kind: 'out-of-order' })
    await control.advance(15_000)
    expect(receiver.bodies).toHaveLength(1)
  })

  it('delay: arrives all the same', async () => {
    const { receiver } = await payUnder({ kind: 'delay', ms: 5 })
    expect(receiver.bodies).toHaveLength(1)
  })
})

describe('R5 a notice that must be refused', () => {
  it.each([
    ['wrong-signature', {}],
    ['wrong-key', {}],
    ['unsigned', {}],
    ['other-sign-type', {}],
    ['forged', { field: 'total_fee', value: '1' }],
    ['forged', { field: 'out_trade_no', value: 'T000000000000000' }],
    ['forged', { field: 'added_field', value: 'x' }],
  ])('%s %j: the signature does not fit', async (kind, more) => {
    expect((await noticeUnder({ kind, ...more })).signed).toBe(false)
  })

  it.each([
    ['other-appid', 'appid'],
    ['other-mchid', 'mch_id'],
  ])('%s: rightly signed, and not ours', async (kind, name) => {
    const { fields, signed, shop } = await noticeUnder({ kind })
    expect(signed).toBe(true)
    expect([shop.appid, shop.mchid]).not.toContain(fields[name])
  })

  it.each(['doctype', 'duplicate-field', 'truncated'])('%s: XML that a strict reader refuses', async (kind) => {
    const { receiver } = await payUnder({ kind })
    expect(() => readXml(receiver.bodies[0] ?? '')).toThrow()
  })

  it('oversized: more than 64 kB, rightly signed', async () => {
    const { receiver, signed } = await noticeUnder({ kind: 'oversized' })
    expect(signed).toBe(true)
    expect(receiver.bodies[0]?.length).toBeGreaterThan(65_536)
  })
})

describe('R9 a notice that is genuine, and says something else than was ordered', () => {
  it.each([1, -1])('amount-off by %i, rightly signed', async (by) => {
    const { fields, signed } = await noticeUnder({ kind: 'amount-off', by })
    expect({ signed, total: fields['total_fee'], cash: fields['cash_fee'] }).toEqual({
      signed: true,
      total: String(4580 + by),
      cash: String(4580 + by),
    })
  })

  it('altered and missing fields, rightly signed', async () => {
    expect(await noticeUnder({ kind: 'altered', field: 'result_code', value: 'FAIL' })).toMatchObject({
      signed: true,
      fields: { result_code: 'FAIL' },
    })
    const missing = await noticeUnder({ kind: 'missing', field: 'transaction_id' })
    expect(missing.signed).toBe(true)
    expect(missing.fields).not.toHaveProperty('transaction_id')
  })
})

describe('a notice that looks unusual and must be accepted', () => {
  it.each([
    ['unknown-fields', { future_field_x: 'keep-me', Another_field: '新字段' }],
    ['sign-type-element', { sign_type: 'HMAC-SHA256' }],
    ['shuffled', {}],
  ])('%s: rightly signed', async (kind, expected) => {
    const { fields, signed, outTradeNo } = await noticeUnder({ kind })
    expect(signed).toBe(true)
    expect(fields).toMatchObject({ ...expected, out_trade_no: outTradeNo, total_fee: '4580' })
  })
})

describe('GET /_control/faults', () => {
  it('describes every kind, so that nobody needs the source', async () => {
    const { control } = await openBench()
    const { json } = await control.call('GET', 'faults')
    const Kind = z.object({
      does: z.string().min(10),
      on: z.array(z.string()).min(1),
      protocols: z.array(z.enum(['v2', 'v3'])).min(1),
      needs: z.array(z.string()),
      takes: z.array(z.string()),
    })
    const { kinds } = z.object({ kinds: z.record(z.string(), Kind) }).parse(json)
    expect(Object.keys(kinds)).toEqual(Object.keys(faultKinds))
    expect(kinds).toMatchObject({ signtest: { protocols: ['v3'] }, doctype: { protocols: ['v2'] }, drop: { protocols: ['v2', 'v3'] } })
  })

  it('says the same as the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const rows = Object.keys(faultKinds).filter(isFaultKind).map(readmeRow)
    expect([...readme.matchAll(/^\| `[\w-]+` \|.*\|.*\|.*\|$/gm)].map(([row]) => row).filter((row) => row.split('|').length === 7)).toEqual(
      rows,
    )
  })
})

/** The README has names for the usual lists: all calls, those whose answers are signed, and the two bills. */
function shortened(on: readonly Target[]): string[] {
  const lists: [string, readonly Target[]][] = [
    ['calls', callTargets],
    ['signed calls', callTargets.filter((target) => target !== 'bill-download')],
    ['bills', billTargets],
  ]
  const fitting = lists.find(([, list]) => list.every((target) => on.includes(target)))
  return fitting ? [fitting[0], ...on.filter((target) => !fitting[1].includes(target))] : [...on]
}

function readmeRow(kind: FaultKind): string {
  const { on, protocols, needs, takes, does } = describeKind(kind)
  const where = shortened(on)
  const named = [...needs.map((name) => `\`${name}\``), ...takes.map((name) => `\`${name}\`?`)]
  return `| \`${kind}\` | ${where.join(', ')} | ${protocols.length === 2 ? '' : protocols.join()} | ${named.join(', ')} | ${does} |`
}
