import { z } from 'zod'
import { judgeOpenid } from '../accounts/people.ts'
import type { TradeType } from '../ledger/trade.ts'
import { badValue, notEnabled } from './fields.ts'
import { Failed, Refused } from './refusal.ts'
import type { Fields } from './xml.ts'

const known: readonly string[] = ['NATIVE', 'JSAPI', 'MWEB'] satisfies TradeType[]
const isKnown = (text: string): text is TradeType => known.includes(text)

/** What unifiedorder wants for one trade type only. @throws {Refused | Failed} */
export function readTradeType(fields: Fields, productId: 'required' | 'optional'): TradeType {
  const tradeType = fields.get('trade_type') ?? ''
  if (tradeType === 'APP') throw new Failed('NOAUTH', notEnabled, { reason: 'APP is a product that these merchants do not have' })
  if (!isKnown(tradeType)) throw badValue('trade_type', 'trade_type is none of NATIVE, JSAPI, APP, MWEB')
  if (tradeType === 'NATIVE' && productId === 'required' && !fields.get('product_id'))
    throw new Refused('缺少参数', 'product_id is required for NATIVE')
  return tradeType
}

/** @returns the payer, who must be one under this very appid. @throws {Refused | Failed} */
export function readOpenid(fields: Fields, { appid, appids }: { appid: string; appids: readonly string[] }): string {
  const openid = fields.get('openid') ?? ''
  if (openid === '') throw new Refused('JSAPI支付必须传openid', 'openid is required for JSAPI')
  const verdict = judgeOpenid(openid, appid, appids)
  if (verdict === 'fits') return openid
  if (verdict === 'other-appid')
    throw new Failed('PARAM_ERROR', 'appid and openid not match', { reason: 'the openid is one under another appid of this merchant' })
  // Our wording.
  throw new Failed('PARAM_ERROR', '无效的openid', { reason: 'no test user has the openid: see users in GET /_control/merchants' })
}

const named = z.string().min(1)
const Scene = z.object({
  h5_info: z.union([
    z.object({ type: z.literal('Wap'), wap_url: named, wap_name: named }),
    z.object({ type: z.enum(['IOS', 'iOS']), app_name: named, bundle_id: named }),
    z.object({ type: z.literal('Android'), app_name: named, package_name: named }),
  ]),
})

/** @see https://pay.weixin.qq.com/wiki/doc/api/H5.php?chapter=9_20 scene_info is JSON in a text. @throws {Refused | Failed} */
export function checkH5Scene(fields: Fields): void {
  const text = fields.get('scene_info') ?? ''
  if (text === '') throw new Refused('缺少参数', 'scene_info is required for MWEB')
  if (!Scene.safeParse(parsed(text)).success)
    throw badValue('scene_info', 'scene_info must be {"h5_info":{"type":"Wap","wap_url":…,"wap_name":…}}, or one of IOS or Android')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
