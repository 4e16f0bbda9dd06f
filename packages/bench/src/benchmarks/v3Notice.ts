import { createDecipheriv, createSecretKey, generateKeyPairSync, verify, type KeyObject } from 'node:crypto'
import { createWechatPayV3 } from 'wxpay-core/protocol'
import type { Benchmark } from '../benchmark.ts'
import { repeat } from '../harness/contender.ts'
import { merchant } from '../merchant.ts'
import { examplePaid } from '../wechat/examples.ts'
import { signedNotice, type SignedNotice } from '../wechat/v3.ts'
import { expectSame } from './expectSame.ts'
import { inProcess } from './plans.ts'

const keyId = 'PUB_KEY_ID_0119000001092026112100000000000001'
const serial = '5157F09EFDC096DE15EBE81A47057A7200000000'

export const v3Notice: Benchmark = {
  name: 'v3-notice',
  path: 'protocol/v3: open a notice (verify, decrypt, parse)',
  plan: inProcess,
  async open() {
    const wechatKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const merchantKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const now = new Date()
    const notice = signedNotice(examplePaid, { keyId, privateKey: wechatKeys.privateKey, apiV3Key: merchant.v3Key }, now)
    const raw = Buffer.from(notice.body)
    const wechat = createWechatPayV3({
      appId: merchant.appId,
      mchId: merchant.mchId,
      key: merchant.v3Key,
      merchantPrivateKey: merchantKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      merchantSerial: serial,
      publicKey: { id: keyId, pem: wechatKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString() },
      apiUrl: 'http://127.0.0.1:1',
    })
    const secret = createSecretKey(merchant.v3Key, 'ascii')
    const ours = () => wechat.openNotice(notice.headers, raw)
    const plain = () => plainOpen(notice.headers, raw, { publicKey: wechatKeys.publicKey, secret })
    return {
      ours: repeat(ours),
      baselines: [{ name: 'node:crypto with KeyObjects, and JSON.parse', goal: { must: 0.9, aim: 1 }, side: repeat(plain) }],
      async check() {
        const opened = await ours()
        if (opened.outcome !== 'paid') throw new Error('ours took a payment for a failure')
        const { outTradeNo, transactionId, totalFen } = opened.trade
        const { out_trade_no, transaction_id, amount } = plain()
        expectSame({ ours: [outTradeNo, transactionId, totalFen], plain: [out_trade_no, transaction_id, amount.total] })
      },
      close: () => wechat.destroy(),
    }
  },
}

interface Envelope {
  resource: { ciphertext: string; nonce: string; associated_data: string }
}

interface Transaction {
  out_trade_no: string
  transaction_id: string
  amount: { total: number }
}

/** All that a handler of a few lines would do; it believes what it reads. */
function plainOpen(headers: SignedNotice['headers'], raw: Buffer, keys: { publicKey: KeyObject; secret: KeyObject }): Transaction {
  const body = raw.toString('utf8')
  const text = `${headers['wechatpay-timestamp'] ?? ''}\n${headers['wechatpay-nonce'] ?? ''}\n${body}\n`
  const signature = Buffer.from(headers['wechatpay-signature'] ?? '', 'base64')
  if (!verify('sha256', Buffer.from(text), keys.publicKey, signature)) throw new Error('wrong signature')
  const { resource } = JSON.parse(body) as Envelope
  const sealed = Buffer.from(resource.ciphertext, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', keys.secret, resource.nonce)
  decipher.setAAD(Buffer.from(resource.associated_data))
  decipher.setAuthTag(sealed.subarray(-16))
  return JSON.parse(decipher.update(sealed.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8')) as Transaction
}
