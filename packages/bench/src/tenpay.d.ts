/** What is used of tenpay 2.1, which brings no types. Written from its source, lib/index.js. */
declare module 'tenpay' {
  interface KoaLike {
    request: { body: string; weixin?: Record<string, string> }
    type?: string
    body?: string
  }

  export default class Payment {
    constructor(settings: { appid: string; mchid: string; partnerKey: string })
    /** Parses and verifies `ctx.request.body`; on failure sets `ctx.body` to a FAIL reply and does not call `next`. */
    middleware(type: 'pay'): (ctx: KoaLike, next: () => Promise<void>) => Promise<void>
  }
}
