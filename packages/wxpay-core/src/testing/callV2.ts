import { readAccount } from '../protocol/account.ts'
import { createCall, type Call } from '../protocol/v2/call.ts'
import { createSigner, type Signer, type SignType } from '../protocol/v2/sign.ts'
import { readXml } from '../protocol/v2/xml.ts'
import { merchant } from './fixtures.ts'

/** The mini program of the invented merchant. */
export const miniProgramId = 'wx0b2c3d4e5f607182'

/** A moment and a nonce of the bring-up vectors. */
export const vectorMoment = { now: () => 1_772_331_305_999, nonce: () => 'Xk2Pv7Qm9Lr4Tz1W' }

export interface CallBench {
  call: Call
  account: ReturnType<typeof readAccount>
  signer: Signer
  nonce: () => string
  now: () => number
  /** What was sent, oldest first. */
  sent: { path: string; fields: Readonly<Record<string, string>> }[]
}

/** The calls of the invented merchant, answered without a network. */
export function callBench(answer: string | Buffer, signType: SignType = 'MD5'): CallBench {
  const sent: CallBench['sent'] = []
  const account = readAccount({ ...merchant, otherAppIds: [miniProgramId] })
  const signer = createSigner(merchant.key, signType)
  const sender = {
    deadline: () => AbortSignal.abort(),
    send({ path, body = '' }: { path: string; body?: string }) {
      sent.push({ path, fields: Object.fromEntries(readXml(Buffer.from(body))) })
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from(answer) })
    },
    destroy: () => Promise.resolve(),
  }
  return { call: createCall({ account, signer, sender, nonce: vectorMoment.nonce }), account, signer, ...vectorMoment, sent }
}
