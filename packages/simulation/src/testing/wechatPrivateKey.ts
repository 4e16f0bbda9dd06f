import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { list, record, text } from './json.ts'

/**
 * The key whose public half the shop trusts, as PEM. WeChat shows it to nobody; here it lies in the mock's folder.
 * With it a forgery is right in everything but the one thing that it is about.
 */
export function wechatPrivateKey(dataDir: string, mchId: string): string {
  const merchants = list(JSON.parse(readFileSync(join(dataDir, 'mock-wechat/merchants.json'), 'utf8')), 'merchants')
  const merchant = merchants.find((item) => item['mchid'] === mchId)
  if (!merchant) throw new Error('the mock does not know the merchant')
  return text(record(merchant['platform'], 'platform'), 'privateKey')
}
