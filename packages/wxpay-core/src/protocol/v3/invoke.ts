import type { KeyObject } from 'node:crypto'
import type { JsapiInvoke } from '../port.ts'
import { signMessage } from './sign.ts'

export interface InvokeMoment {
  /** Unix time in whole seconds. */
  timestamp: number
  /** At most 32 characters. */
  nonce: string
}

/**
 * Signs what opens a payment inside WeChat, on a page or in a mini program: four lines, the whole package value in the last.
 *
 * @param appId - the one that the create named
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012365341
 */
export async function signJsapiInvoke(
  { appId, prepayId, privateKey }: { appId: string; prepayId: string; privateKey: KeyObject },
  { timestamp, nonce }: InvokeMoment,
): Promise<JsapiInvoke> {
  const wanted = `prepay_id=${prepayId}`
  const paySign = await signMessage(`${appId}\n${timestamp}\n${nonce}\n${wanted}\n`, privateKey)
  return { appId, timeStamp: String(timestamp), nonceStr: nonce, package: wanted, signType: 'RSA', paySign }
}

/** What a mobile app hands to WeChat's SDK. */
export interface AppInvoke {
  appid: string
  partnerid: string
  prepayid: string
  package: 'Sign=WXPay'
  noncestr: string
  timestamp: string
  sign: string
}

/** The same for a mobile app: the bare prepay id in the last line. */
export async function signAppInvoke(
  { appId, mchId, prepayId, privateKey }: { appId: string; mchId: string; prepayId: string; privateKey: KeyObject },
  { timestamp, nonce }: InvokeMoment,
): Promise<AppInvoke> {
  const sign = await signMessage(`${appId}\n${timestamp}\n${nonce}\n${prepayId}\n`, privateKey)
  return { appid: appId, partnerid: mchId, prepayid: prepayId, package: 'Sign=WXPay', noncestr: nonce, timestamp: String(timestamp), sign }
}
