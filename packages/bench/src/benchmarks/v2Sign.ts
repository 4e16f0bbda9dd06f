import { createSigner } from '../../../wxpay-core/src/protocol/v2/sign.ts'
import type { Benchmark } from '../benchmark.ts'
import { repeat } from '../harness/contender.ts'
import { merchant } from '../merchant.ts'
import { examplePaid } from '../wechat/examples.ts'
import { noticeFields, plainSign } from '../wechat/v2.ts'
import { expectSame } from './expectSame.ts'
import { inProcess } from './plans.ts'

export const v2Sign: Benchmark = {
  name: 'v2-sign',
  path: 'protocol/v2: sign MD5, 15 fields',
  plan: inProcess,
  async open() {
    const fields = new Map(noticeFields(examplePaid))
    const signer = createSigner(merchant.v2Key, 'MD5')
    const ours = () => signer.sign(fields)
    const plain = () => plainSign(fields, merchant.v2Key, 'MD5')
    return {
      ours: repeat(ours),
      baselines: [{ name: 'node:crypto with sort and join', goal: { must: 0.85, aim: 1 }, side: repeat(plain) }],
      check: async () => expectSame({ ours: ours(), plain: plain() }),
      close: async () => undefined,
    }
  },
}
