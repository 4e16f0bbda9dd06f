import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { jsapiAction } from '../testing/views.ts'
import { useWechatBridge } from './useWechatBridge.ts'

const { invoke } = jsapiAction

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  Reflect.deleteProperty(window, 'WeixinJSBridge')
})

/** A bridge that gives one answer. */
function putBridge(answer: unknown) {
  const bridge = { invoke: vi.fn((_name: string, _parameters: object, callback: (answer: unknown) => void) => callback(answer)) }
  Reflect.set(window, 'WeixinJSBridge', bridge)
  return bridge.invoke
}

describe('the bridge of WeChat', () => {
  it('is given the six values as they came', async () => {
    const called = putBridge({ err_msg: 'get_brand_wcpay_request:ok' })
    await useWechatBridge().pay(invoke)
    expect(called).toHaveBeenCalledExactlyOnceWith('getBrandWCPayRequest', invoke, expect.any(Function))
  })

  it.each([
    [{ err_msg: 'get_brand_wcpay_request:ok' }, 'done', null],
    [{ err_msg: 'get_brand_wcpay_request:cancel' }, 'cancelled', null],
    [{ err_msg: 'get_brand_wcpay_request:fail', err_desc: '支付验证签名失败' }, 'failed', '支付验证签名失败'],
    [{ err_msg: 'get_brand_wcpay_request:fail' }, 'failed', null],
    [{ err_msg: 'system:function_not_exist' }, 'failed', null],
    [undefined, 'failed', null],
    ['get_brand_wcpay_request:ok', 'failed', null],
  ])('answers %o: %s', async (answer, result, detail) => {
    putBridge(answer)
    expect(await useWechatBridge().pay(invoke)).toEqual({ result, detail })
  })

  it('is waited for: WeChat puts it into the page after our scripts', async () => {
    const answer = useWechatBridge().pay(invoke)
    await vi.advanceTimersByTimeAsync(3_000)
    putBridge({ err_msg: 'get_brand_wcpay_request:ok' })
    document.dispatchEvent(new Event('WeixinJSBridgeReady'))
    expect(await answer).toMatchObject({ result: 'done' })
  })

  it('is said to be missing when it does not come', async () => {
    const answer = useWechatBridge().pay(invoke)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await answer).toEqual({ result: 'no-bridge', detail: null })
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([{}, { invoke: 'no' }, null, 'bridge'])('is missing when it is not one: %o', async (odd) => {
    Reflect.set(window, 'WeixinJSBridge', odd)
    const answer = useWechatBridge().pay(invoke)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await answer).toMatchObject({ result: 'no-bridge' })
  })

  it('has failed when it throws', async () => {
    putBridge(null).mockImplementation(() => {
      throw new Error('odd client')
    })
    expect(await useWechatBridge().pay(invoke)).toMatchObject({ result: 'failed' })
  })
})
