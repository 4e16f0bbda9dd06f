import Tenpay from 'tenpay'
import { createWechatPayV2 } from 'wxpay-core/protocol'
import { parseString } from 'xml2js'
import type { Benchmark } from '../benchmark.ts'
import { repeat } from '../harness/contender.ts'
import { merchant } from '../merchant.ts'
import { examplePaid } from '../wechat/examples.ts'
import { noticeFields, plainSign, signedXml } from '../wechat/v2.ts'
import { expectSame } from './expectSame.ts'
import { inProcess } from './plans.ts'

export const v2Notice: Benchmark = {
  name: 'v2-notice',
  path: 'protocol/v2: open a notice (parse, verify)',
  plan: inProcess,
  async open() {
    const xml = signedXml(noticeFields(examplePaid), merchant.v2Key, 'MD5')
    const raw = Buffer.from(xml)
    const { appId, mchId, v2Key } = merchant
    const wechat = createWechatPayV2({ appId, mchId, key: v2Key, signType: 'MD5', apiUrl: 'http://127.0.0.1:1' })
    const tenpay = new Tenpay({ appid: appId, mchid: mchId, partnerKey: v2Key })
    const ours = () => wechat.openNotice({}, raw)
    const plain = () => plainOpen(raw)
    const theirs = () => tenpayOpen(tenpay, raw)
    return {
      ours: repeat(ours),
      baselines: [
        { name: 'xml2js and node:crypto, nothing else', goal: { must: 0.9, aim: 1 }, side: repeat(plain) },
        { name: 'tenpay', goal: { must: null, aim: 1 }, side: repeat(theirs) },
      ],
      async check() {
        const notice = await ours()
        if (notice.outcome !== 'paid') throw new Error('ours took a payment for a failure')
        const { outTradeNo, transactionId, totalFen } = notice.trade
        expectSame({ ours: { outTradeNo, transactionId, totalFen }, plain: facts(plain()), tenpay: facts(await theirs()) })
      },
      close: () => wechat.destroy(),
    }
  },
}

/** All that a handler of a few lines would do. */
function plainOpen(raw: Buffer): Record<string, string> {
  let fields: Record<string, string> = {}
  parseString(raw, { async: false, explicitArray: false, explicitRoot: false }, (error, result: Record<string, string>) => {
    if (error) throw error
    fields = result
  })
  if (fields['sign'] !== plainSign(new Map(Object.entries(fields)), merchant.v2Key, 'MD5')) throw new Error('wrong signature')
  return fields
}

async function tenpayOpen(tenpay: Tenpay, raw: Buffer): Promise<Record<string, string>> {
  const context: Parameters<ReturnType<Tenpay['middleware']>>[0] = { request: { body: raw.toString('utf8') } }
  await tenpay.middleware('pay')(context, async () => undefined)
  if (!context.request.weixin) throw new Error(`tenpay refused: ${context.body ?? ''}`)
  return context.request.weixin
}

function facts(fields: Record<string, string>): { outTradeNo: string | undefined; transactionId: string | undefined; totalFen: number } {
  return { outTradeNo: fields['out_trade_no'], transactionId: fields['transaction_id'], totalFen: Number(fields['total_fee']) }
}
