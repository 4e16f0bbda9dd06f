import type { JsapiInvoke } from '../port.ts'
import type { Signer } from './sign.ts'

/**
 * Signs what opens a payment inside WeChat, on a page or in a mini program, with the key and the sign type of the create. The names are
 * spelled otherwise than in messages, `timeStamp` for all that a page may have to call it `timestamp`.
 *
 * @param appId - the one that the create named
 * @param timestamp - Unix time in whole seconds
 * @param nonce - at most 32 characters
 * @see https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=7_7&index=6
 */
export function signJsapiInvoke(
  signer: Signer,
  { appId, prepayId }: { appId: string; prepayId: string },
  { timestamp, nonce }: { timestamp: number; nonce: string },
): JsapiInvoke {
  const invoke = {
    appId,
    timeStamp: String(timestamp),
    nonceStr: nonce,
    package: `prepay_id=${prepayId}`,
    signType: signer.signType,
  }
  return { ...invoke, paySign: signer.sign(new Map(Object.entries(invoke))) }
}
