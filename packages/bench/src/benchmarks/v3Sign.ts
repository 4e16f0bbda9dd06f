import { generateKeyPairSync, sign } from 'node:crypto'
import { authorize, type SignableRequest } from '../../../wxpay-core/src/protocol/v3/sign.ts'
import type { Benchmark } from '../benchmark.ts'
import { repeat } from '../harness/contender.ts'
import { merchant } from '../merchant.ts'
import { expectSame } from './expectSame.ts'
import { inProcess } from './plans.ts'

const { mchId } = merchant
const serial = '5157F09EFDC096DE15EBE81A47057A7200000000'

const request: SignableRequest = {
  method: 'POST',
  pathAndQuery: '/v3/pay/transactions/native',
  timestamp: 1_767_225_600,
  nonce: '593BEC0C930BF1AFEB40B4A08C8FB242',
  body: JSON.stringify({
    appid: merchant.appId,
    mchid: mchId,
    description: '三个月会员',
    out_trade_no: 'QH20261121000017',
    time_expire: '2026-11-21T12:30:00+08:00',
    notify_url: 'https://shop.example.com/notices/v3',
    amount: { total: 4580, currency: 'CNY' },
  }),
}

export const v3Sign: Benchmark = {
  name: 'v3-sign',
  path: 'protocol/v3: Authorization of a request, RSA-2048',
  plan: inProcess,
  async open() {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const { method, pathAndQuery, timestamp, nonce, body } = request
    const text = () => Buffer.from(`${method}\n${pathAndQuery}\n${timestamp}\n${nonce}\n${body}\n`)
    const header = (signature: Buffer) =>
      `WECHATPAY2-SHA256-RSA2048 mchid="${mchId}",nonce_str="${nonce}",timestamp="${timestamp}",serial_no="${serial}",signature="${signature.toString('base64')}"`
    const ours = () => authorize({ mchId, serial, privateKey }, request)
    const inLoop = () => header(sign('sha256', text(), privateKey))
    const inPool = () =>
      new Promise<string>((resolve, reject) => {
        sign('sha256', text(), privateKey, (error, signature) => (error ? reject(error) : resolve(header(signature))))
      })
    return {
      ours: repeat(ours),
      baselines: [
        { name: 'node:crypto with a KeyObject, in the thread pool', goal: { must: 0.95, aim: 1 }, side: repeat(inPool) },
        { name: 'node:crypto with a KeyObject, in the loop', goal: { must: null, aim: 1 }, side: repeat(inLoop) },
      ],
      check: async () => expectSame({ ours: await ours(), inPool: await inPool(), inLoop: inLoop() }),
      close: async () => undefined,
    }
  },
}
