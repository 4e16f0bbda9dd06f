import type { Phone } from './phone.ts'

interface PaymentOptions extends Record<string, unknown> {
  success?(result: { errMsg: string }): void
  fail?(error: { errMsg: string }): void
  complete?(result: { errMsg: string }): void
}

const required = ['timeStamp', 'nonceStr', 'package', 'paySign'] as const
const signTypes = ['MD5', 'HMAC-SHA256', 'RSA']
const names: readonly string[] = [...required, 'signType', 'success', 'fail', 'complete']

/**
 * wx.requestPayment: strings only; the appid is the program's own and no argument. What WeChat refuses is shown to the payer in a dialog,
 * after which the program hears "fail cancel", as after a payer who leaves.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/api/payment/wx.requestPayment.html
 */
export function fakeRequestPayment(phone: Phone, later: (callback: () => void) => void) {
  return function requestPayment(options: PaymentOptions): void {
    const end = (errMsg: string) =>
      later(() => {
        if (errMsg === 'requestPayment:ok') options.success?.({ errMsg })
        else options.fail?.({ errMsg })
        options.complete?.({ errMsg })
      })
    const problem = problemOf(options)
    if (problem !== null) return end(`requestPayment:fail ${problem}`)
    const { timeStamp, nonceStr, package: prepay, paySign, signType = 'MD5' } = options
    void phone.bringUp({ timeStamp, nonceStr, package: prepay, paySign, signType }).then(end)
  }
}

function problemOf(options: PaymentOptions): string | null {
  const strange = Object.keys(options).filter((name) => !names.includes(name))
  if (strange.length > 0) throw new Error(`wx.requestPayment has no such argument: ${strange.join(', ')}`)
  for (const name of required) {
    const value = options[name]
    if (typeof value !== 'string') return `parameter error: parameter.${name} should be String instead of ${kindOf(value)};`
  }
  const { signType = 'MD5' } = options
  return typeof signType === 'string' && signTypes.includes(signType) ? null : 'parameter error: parameter.signType is not supported;'
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}
