import { SignatureError } from './signatureError.ts'

const prefix = 'WECHATPAY/SIGNTEST/'

/**
 * WeChat now and then signs an answer or a notice wrongly on purpose, to see that it is refused (rule R8). Such a signature is verified
 * and fails like any other; this type only tells afterwards that nobody forged it.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4013053420
 */
export class SignatureProbeError extends SignatureError {
  override readonly name = 'SignatureProbeError'

  constructor() {
    super('probe', "the signature is WeChat's probe of receivers")
  }
}

export function isProbe(signature: string): boolean {
  return signature.startsWith(prefix)
}
