/** How WeChat told us who the payer is. */
export type PayerSource = 'official-account' | 'mini-program'

/** Somebody whose openid WeChat has told us; never what a page says of itself. The openid is one of this appid only. */
export interface Payer {
  readonly appId: string
  readonly openId: string
  readonly source: PayerSource
}

/** How long WeChat's word is taken: a shopper's visit, not a login. Another one costs a silent redirect. */
export const payerSessionMs = 4 * 3_600_000
