import type { Accounts } from '../accounts/accounts.ts'
import { openidOf, type Person } from '../accounts/people.ts'
import type { Clock } from '../clock.ts'
import { delayMs } from '../faults/endings.ts'
import type { Faults, Struck } from '../faults/faults.ts'
import { sealWithFaults } from '../faults/tamperXml.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Merchants } from '../merchants.ts'
import { deliver } from '../notices/deliver.ts'
import type { Outcome, Post } from '../notices/post.ts'
import { base62, randomText } from '../support/random.ts'
import { sleep } from '../support/sleep.ts'
import { isProductCode, readProductCode, type Product } from './productCode.ts'
import { judgeReply, type Verdict } from './reply.ts'
import { ScanError } from './scanError.ts'

export interface ScannerDependencies {
  ledger: Ledger
  clock: Clock
  merchants: Merchants
  accounts: Accounts
  faults: Faults
  post: Post
  /** How long the payer is kept waiting for the merchant, real time: 5 s at WeChat. */
  patienceMs: number
}

export type Scanner = ReturnType<typeof createScanner>

const headers = { 'content-type': 'text/xml; charset=utf-8', 'user-agent': 'mock-wechat' }

/** Native mode 1: a printed code is scanned, and WeChat asks the merchant what there is to pay. Once; who wants to try again scans again. */
export function createScanner(dependencies: ScannerDependencies) {
  const { ledger, merchants, accounts, faults, post, patienceMs } = dependencies

  const longOf = (codeUrl: string) => ledger.longUrl(codeUrl) ?? codeUrl

  async function ask(url: string, product: Product, person: Person): Promise<Outcome> {
    const struck = faults.strike('scan', { protocol: 'v2', outTradeNo: product.productId })
    const body = message(product, person, accounts, struck)
    const notice = { write: () => ({ headers, body }), acknowledgedBy: ({ status }: { status: number }) => status === 200 }
    const delivery = deliver(url, notice, struck, post, new AbortController().signal)
    if (delayMs(struck) < patienceMs) return delivery
    await sleep(patienceMs) // the call goes out when the payer has gone
    return { status: null, body: null, error: 'no complete answer in time', acknowledged: false }
  }

  return {
    isProduct: (codeUrl: string): boolean => isProductCode(longOf(codeUrl)),
    /** Whose appid a code is of: test users have an openid each under it. @throws {ScanError} */
    read: (codeUrl: string): Product => readProductCode(longOf(codeUrl), merchants),
    /** @throws {ScanError} */
    async scan(product: Product, person: Person): Promise<Verdict> {
      const url = accounts.of(product.merchant.mchid)?.scanUrl ?? null
      if (url === null)
        throw new ScanError('获取商户订单信息超时或者商户返回的httpcode非200', 'no scanUrl is set: POST /_control/accounts sets it')
      return judgeReply(await ask(url, product, person), product, dependencies)
    },
  }
}

/** Signed with MD5, without sign_type and return_code: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=6_4 */
function message({ merchant, appid, productId }: Product, { id }: Person, accounts: Accounts, struck: readonly Struck[]): string {
  const follows = accounts.find(appid)?.account.followers.includes(id) ?? false
  const fields = new Map([
    ['appid', appid],
    ['openid', openidOf(id, appid)],
    ['mch_id', merchant.mchid],
    ['is_subscribe', follows ? 'Y' : 'N'],
    ['nonce_str', randomText(base62, 16)],
    ['product_id', productId],
  ])
  return sealWithFaults({ fields, key: merchant.apiKeyV2, signType: 'MD5', bare: () => false }, struck)
}
