import { expect, it } from 'vitest'
import { errorOf } from '../../testing/errorOf.ts'
import { createCall } from './call.ts'
import { SignatureProbeError } from './probe.ts'

it('R8 the repeat after a probe shares the deadline of the call', async () => {
  const deadlines: AbortSignal[] = []
  const call = createCall({
    exchange: (_ask, until) => {
      deadlines.push(until)
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from('{}') })
    },
    verify: () => Promise.reject(new SignatureProbeError()),
    deadline: () => new AbortController().signal,
  })
  expect(await errorOf(call({ method: 'GET', path: '/v3/certificates' }))).toMatchObject({ outcome: 'unknown' })
  expect(deadlines).toHaveLength(2)
  expect(deadlines[1]).toBe(deadlines[0])
})
