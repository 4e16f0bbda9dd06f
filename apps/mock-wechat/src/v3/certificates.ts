import { formatRfc3339 } from '../support/rfc3339.ts'
import { sealResource } from './aead.ts'
import type { Backend } from './backend.ts'
import { checkFields, type Rules } from './fields.ts'
import type { Call } from './gate.ts'
import type { PlatformCertificate } from './platform.ts'
import { Refused } from './refusal.ts'

const rules: Rules = { algorithm_type: { type: 'string', label: '证书算法类型', max: 32, oneOf: ['RSA', 'SM2', 'ALL'] } }

/** The certificates that WeChat signs with, encrypted for this merchant. There are only RSA ones here. @throws {Refused} */
export function certificates({ merchant, query }: Call, { switches }: Backend) {
  checkFields(Object.fromEntries(query), rules, 'query')
  if (merchant.signing.mode === 'pubkey' || query.get('algorithm_type') === 'SM2') throw none(switches.noCertificatesStatus)
  return { data: merchant.platform.certificates.map((certificate) => present(certificate, merchant.apiV3Key)) }
}

function present({ serial, certificate, effectiveAt, expiresAt }: PlatformCertificate, apiV3Key: string) {
  const { algorithm, nonce, associated_data, ciphertext } = sealResource(apiV3Key, {
    plaintext: certificate,
    associatedData: 'certificate',
  })
  return {
    serial_no: serial,
    effective_time: formatRfc3339(Date.parse(effectiveAt)),
    expire_time: formatRfc3339(Date.parse(expiresAt)),
    encrypt_certificate: { algorithm, nonce, associated_data, ciphertext },
  }
}

/** As merchants without certificates see it: https://github.com/wechatpay-apiv3/wechatpay-java/issues/306 */
const none = (status: number) =>
  new Refused({
    status,
    code: 'RESOURCE_NOT_EXISTS',
    message: '无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引https://pay.weixin.qq.com/doc/v3/merchant/4012153196',
    reason: 'WeChat signs for this merchant with the public key only: POST /_control/signing changes that',
  })
