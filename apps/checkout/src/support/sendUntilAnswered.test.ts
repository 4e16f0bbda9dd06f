import { describe, expect, it, vi } from 'vitest'
import { ApiError, type ApiErrorDetails } from '../api/ApiError.ts'
import { sendUntilAnswered } from './sendUntilAnswered.ts'

const refusal = (details: Partial<ApiErrorDetails>) =>
  new ApiError({ status: null, code: 'no_answer', requestId: null, retryAfterMs: null, view: null, ...details })

function scene(answers: (ApiError | string)[], isWanted = () => true) {
  const slept: number[] = []
  const troubles: ApiError[] = []
  const send = vi.fn(async () => {
    const answer = answers.shift() ?? refusal({})
    if (answer instanceof ApiError) throw answer
    return answer
  })
  const result = sendUntilAnswered({
    send,
    onTrouble: (error) => void troubles.push(error),
    sleep: async (ms) => void slept.push(ms),
    isWanted,
    random: () => 0.5,
  })
  return { result, send, slept, troubles }
}

describe('a request whose outcome is unknown', () => {
  it.each([
    refusal({}),
    refusal({ status: 500 }),
    refusal({ status: 503 }),
    refusal({ status: 429 }),
    refusal({ status: 409, code: 'request_in_progress' }),
  ])('is repeated until it is answered: %s', async (error) => {
    const { result, send, slept, troubles } = scene([error, error, 'answer'])
    await expect(result).resolves.toBe('answer')
    expect(send).toHaveBeenCalledTimes(3)
    expect(slept).toEqual([1_000, 2_000])
    expect(troubles).toEqual([error, error])
  })

  it('waits as long as the server asks', async () => {
    const { result, slept } = scene([refusal({ status: 429, retryAfterMs: 12_000 }), 'answer'])
    await result
    expect(slept).toEqual([12_000])
  })

  it.each([400, 404, 409, 422])('is not repeated after a final refusal: %i', async (status) => {
    const { result, send } = scene([refusal({ status, code: 'no' })])
    await expect(result).rejects.toMatchObject({ details: { status } })
    expect(send).toHaveBeenCalledOnce()
  })

  it('is told to the shopper after six tries', async () => {
    const { result, send } = scene([])
    await expect(result).rejects.toBeInstanceOf(ApiError)
    expect(send).toHaveBeenCalledTimes(6)
  })

  it('is not repeated once nobody waits for it', async () => {
    let wanted = true
    const { result, send } = scene([refusal({}), 'answer'], () => wanted)
    wanted = false
    await expect(result).rejects.toBeInstanceOf(ApiError)
    expect(send).toHaveBeenCalledOnce()
  })
})
