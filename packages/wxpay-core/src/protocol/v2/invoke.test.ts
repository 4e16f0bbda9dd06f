import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { vectorMoment } from '../../testing/callV2.ts'
import { fixture, merchant } from '../../testing/fixtures.ts'
import { signJsapiInvoke } from './invoke.ts'
import { createSigner } from './sign.ts'

const Invoke = z.strictObject({
  appId: z.string(),
  timeStamp: z.string(),
  nonceStr: z.string(),
  package: z.string(),
  signType: z.enum(['MD5', 'HMAC-SHA256']),
  paySign: z.string(),
})
const vectors = z.array(Invoke).parse(JSON.parse(fixture('bring-up.json').toString('utf8')))

describe('what opens a payment inside WeChat', () => {
  it.each(vectors)('is signed by $signType, the type of the create, as the vector is: $paySign', (vector) => {
    const signer = createSigner(merchant.key, vector.signType)
    const prepaid = { appId: merchant.appId, prepayId: 'wx01101502318407c2e9a4b71d5f60830000' }
    const moment = { timestamp: Math.floor(vectorMoment.now() / 1000), nonce: vectorMoment.nonce() }
    expect(signJsapiInvoke(signer, prepaid, moment)).toEqual(vector)
  })

  it('has a vector for each type', () => {
    expect(vectors.map(({ signType }) => signType)).toEqual(['MD5', 'HMAC-SHA256'])
  })
})
