import type { JsapiInvoke } from 'wxpay-core/contract'
import type { HandBack } from '../checkout/handOver.ts'

/** WeChat puts the bridge into the page a moment after the page's own scripts; on a slow phone a few seconds after. */
const patienceMs = 10_000
const readyEvent = 'WeixinJSBridgeReady'

export interface BridgeAnswer {
  result: Exclude<HandBack, 'returned'>
  /** WeChat's own words about a failure, where its client gives any. */
  detail: string | null
}

type Invoke = (name: string, parameters: object, callback: (answer: unknown) => void) => void

/**
 * WeChat's payment sheet, opened by the bridge that its browser puts into the page.
 * What it answers says nothing about money: "ok" is a reason to ask our server, no more.
 * (WeChat Pay's chapter on bringing a JSAPI payment up: getBrandWCPayRequest.)
 */
export function useWechatBridge() {
  return {
    /** The six values go in as they came from the server: the signature covers them. */
    async pay(invoke: JsapiInvoke): Promise<BridgeAnswer> {
      const bridge = await bridgeOfPage()
      if (bridge === null) return { result: 'no-bridge', detail: null }
      try {
        return await new Promise((resolve) => bridge('getBrandWCPayRequest', { ...invoke }, (answer) => resolve(readAnswer(answer))))
      } catch {
        return { result: 'failed', detail: null }
      }
    },
  }
}

/** @returns null when it does not come: the page is not in WeChat's browser, or WeChat has not let it in */
async function bridgeOfPage(): Promise<Invoke | null> {
  return (
    findBridge() ??
    new Promise((resolve) => {
      const timer = setTimeout(end, patienceMs)
      document.addEventListener(readyEvent, end)
      function end(): void {
        clearTimeout(timer)
        document.removeEventListener(readyEvent, end)
        resolve(findBridge())
      }
    })
  )
}

function findBridge(): Invoke | null {
  const bridge: unknown = Reflect.get(window, 'WeixinJSBridge')
  if (typeof bridge !== 'object' || bridge === null) return null
  const invoke: unknown = Reflect.get(bridge, 'invoke')
  return typeof invoke === 'function' ? (...args) => void Reflect.apply(invoke, bridge, args) : null
}

/** `{err_msg: 'get_brand_wcpay_request:ok' | ':cancel' | ':fail', err_desc?}`; what is none of these is a failure. */
function readAnswer(answer: unknown): BridgeAnswer {
  const field = (name: string): string | null => {
    const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : null
    return typeof value === 'string' && value !== '' ? value : null
  }
  switch (field('err_msg')) {
    case 'get_brand_wcpay_request:ok':
      return { result: 'done', detail: null }
    case 'get_brand_wcpay_request:cancel':
      return { result: 'cancelled', detail: null }
    default:
      return { result: 'failed', detail: field('err_desc') }
  }
}
