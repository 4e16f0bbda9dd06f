/** What the conformance tests use of tenpay 2.1, which brings no types. Written from its source, lib/index.js. */
declare module 'tenpay' {
  type Fields = Record<string, string>

  interface KoaLike {
    request: { body: string; weixin?: Fields }
    type?: string
    body?: string
    reply?: (message?: string) => void
    replyNative?: (prepayId: string, messageForPayer?: string) => void
  }

  /** A bill taken apart: names and values of the summary, names and values of the lines. */
  interface BillTable {
    total_title: string[]
    total_data: string[]
    list_title: string[]
    list_data: string[][]
  }

  export default class Payment {
    constructor(settings: {
      appid: string
      mchid: string
      partnerKey: string
      notify_url?: string
      refund_url?: string
      spbill_create_ip?: string
    })
    /** One address per call, with host. */
    urls: Record<string, string>
    /** Rejects with return_msg or err_code as message, or when appid, mch_id or sign are wrong. */
    unifiedOrder(parameters: Record<string, string | number>): Promise<Fields>
    orderQuery(parameters: Record<string, string | number>): Promise<Fields>
    /** Creates with JSAPI, and signs what brings the payment up; `timestamp` is timeStamp once more, for wx.chooseWXPay. */
    getPayParams(parameters: Record<string, string | number>): Promise<Fields>
    /** The text of a code of Native mode 1. */
    getNativeUrl(parameters: { product_id: string }): string
    /** The certificate is a PKCS#12 in the settings. `refund_url` of the settings is its default notify_url. */
    refund(parameters: Record<string, string | number>): Promise<Fields>
    refundQuery(parameters: Record<string, string | number>): Promise<Fields>
    /** Rejects with return_msg as message. Reads text, not gzip. */
    downloadBill(parameters: { bill_date: string; bill_type?: string }, format: true): Promise<BillTable>
    closeOrder(parameters: Record<string, string | number>): Promise<Fields>
    /** Parses and verifies `ctx.request.body` (of a refund: opens `req_info` in its place); on failure sets `ctx.body` to a FAIL reply and does not call `next`. */
    middleware(type: 'pay' | 'nativePay' | 'refund'): (ctx: KoaLike, next: () => Promise<void>) => Promise<void>
  }
}
