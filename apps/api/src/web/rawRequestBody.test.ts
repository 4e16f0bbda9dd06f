import { describe, expect, it } from 'vitest'
import { sendSlowly } from '../testing/slowRequest.ts'
import { noticeBody, startTestApp } from '../testing/testApp.ts'

describe('a body that does not come', () => {
  it('R25 is waited for for 5 s, by every route that reads one', async () => {
    const app = await startTestApp()
    const json = { 'Content-Type': 'application/json', 'Idempotency-Key': 'key-1' }
    const [create, notice] = await Promise.all([
      sendSlowly(`${app.url}/v1/checkouts`, '{"amountFen":1}', json),
      sendSlowly(`${app.url}/notices/v2/payments`, noticeBody),
    ])
    const { status, text } = await create.answer
    expect({ status, error: JSON.parse(text) as unknown }).toMatchObject({
      status: 400,
      error: { error: { code: 'invalid_request', problems: [{ param: 'body', code: 'too_slow', message: 'did not come within 5 s' }] } },
    })
    expect(await notice.answer).toMatchObject({ status: 400, text: expect.stringContaining('too-slow') })
    expect(app.calls).toEqual([])
  })
})
