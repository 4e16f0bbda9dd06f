/**
 * The messages of WeChat Pay API v3 for Native, JSAPI and H5 payments, under WeChat's own names. Types only. JSON; amounts are integers in fen,
 * times RFC 3339 with an offset; `?` marks a field that may be absent. Receivers take unknown fields in any order.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791877 Native order
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791856 JSAPI order
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791834 H5 order
 */

/** Of Authorization, and of Wechatpay-Signature-Type. */
export type V3SignatureScheme = 'WECHATPAY2-SHA256-RSA2048'

/** The headers that carry WeChat's own signature: of a 2xx answer, and of a notice. */
export interface V3SignatureHeaders {
  /** Unix seconds. */
  'wechatpay-timestamp': string
  'wechatpay-nonce': string
  /** Base64; of a probe it begins with WECHATPAY/SIGNTEST/. */
  'wechatpay-signature': string
  /** The key that signed: PUB_KEY_ID_… or a platform certificate's serial. */
  'wechatpay-serial': string
  'wechatpay-signature-type'?: V3SignatureScheme
}

/** The body of a 4xx or 5xx, which is not signed. */
export interface V3Error {
  code: string
  message: string
  detail?: V3ErrorDetail
}

export interface V3ErrorDetail {
  /** A JSON pointer, or the name of a parameter. */
  field?: string
  value?: unknown
  issue?: string
  location?: 'body' | 'query' | 'uri_template' | 'authorization' | 'header'
  detail?: { issue?: string }
  /** With SIGN_ERROR: what WeChat signed over. */
  sign_information?: { method: string; url: string; truncated_sign_message: string; sign_message_length: number }
}

/** POST /v3/pay/transactions/native */
export interface V3NativePrepay {
  appid: string
  mchid: string
  /** What the payer reads: 127. */
  description: string
  /** 6 to 32 digits, letters, _ - | * */
  out_trade_no: string
  time_expire?: string
  /** 128 bytes. */
  attach?: string
  /** Absolute, without a query. */
  notify_url: string
  goods_tag?: string
  support_fapiao?: boolean
  limit_pay?: string[]
  amount: { total: number; currency?: string }
  detail?: V3GoodsDetails
  scene_info?: V3SceneInfo
  settle_info?: { profit_sharing?: boolean }
}

export interface V3GoodsDetails {
  cost_price?: number
  invoice_id?: string
  goods_detail?: {
    merchant_goods_id: string
    wechatpay_goods_id?: string
    goods_name?: string
    quantity: number
    unit_price: number
  }[]
}

export interface V3SceneInfo {
  payer_client_ip: string
  device_id?: string
  store_info?: { id: string; name?: string; area_code?: string; address?: string }
}

/** Good for two hours. */
export interface V3NativePrepaid {
  code_url: string
}

/** POST /v3/pay/transactions/jsapi, for official accounts and mini programs. */
export interface V3JsapiPrepay extends V3NativePrepay {
  /** Of the payer under this very appid. */
  payer: { openid: string }
}

/** Good for two hours. */
export interface V3JsapiPrepaid {
  prepay_id: string
}

/** POST /v3/pay/transactions/h5; payer_client_ip is the payer's own. */
export interface V3H5Prepay extends V3NativePrepay {
  scene_info: V3SceneInfo & {
    h5_info: { type: 'iOS' | 'Android' | 'Wap'; app_name?: string; app_url?: string; bundle_id?: string; package_name?: string }
  }
}

/** Good for five minutes. */
export interface V3H5Prepaid {
  h5_url: string
}

/** POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close, answered with 204. */
export interface V3Close {
  mchid: string
}

export type V3TradeState = 'SUCCESS' | 'REFUND' | 'NOTPAY' | 'CLOSED' | 'REVOKED' | 'USERPAYING' | 'PAYERROR' | 'ACCEPT'

/**
 * The trade: the answer to GET /v3/pay/transactions/out-trade-no/{out_trade_no}?mchid= and …/id/{transaction_id}?mchid=, and what the
 * notice of a payment holds. Unpaid ones lack most of it.
 */
export interface V3Transaction {
  appid: string
  mchid: string
  out_trade_no: string
  transaction_id?: string
  trade_type?: 'NATIVE' | 'JSAPI' | 'APP' | 'MWEB' | 'MICROPAY' | 'FACEPAY'
  trade_state: V3TradeState
  trade_state_desc?: string
  bank_type?: string
  attach?: string
  success_time?: string
  payer?: { openid?: string }
  /** payer_total is what left the payer's pocket, after coupons. */
  amount?: { total?: number; payer_total?: number; currency?: string; payer_currency?: string }
  scene_info?: { device_id?: string }
  promotion_detail?: V3Promotion[]
}

export interface V3Promotion {
  coupon_id: string
  name?: string
  scope?: 'GLOBAL' | 'SINGLE'
  type?: 'CASH' | 'NOCASH'
  amount: number
  stock_id?: string
  wechatpay_contribute?: number
  merchant_contribute?: number
  other_contribute?: number
  currency?: string
  goods_detail?: { goods_id: string; quantity: number; unit_price: number; discount_amount: number; goods_remark?: string }[]
}

/** POST /v3/refund/domestic/refunds, by one of the payment's two numbers. */
export interface V3RefundRequest {
  transaction_id?: string
  out_trade_no?: string
  /** 1 to 64 digits, letters, _ - | * @ ; the same one refunds once. */
  out_refund_no: string
  /** What the payer reads: 80. */
  reason?: string
  notify_url?: string
  funds_account?: 'AVAILABLE' | 'UNSETTLED'
  amount: { refund: number; total: number; currency: 'CNY'; from?: { account: 'AVAILABLE' | 'UNAVAILABLE'; amount: number }[] }
}

export type V3RefundStatus = 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL'

/** The answer to a refund, and to GET /v3/refund/domestic/refunds/{out_refund_no}. */
export interface V3Refund {
  refund_id: string
  out_refund_no: string
  transaction_id: string
  out_trade_no: string
  channel: 'ORIGINAL' | 'BALANCE' | 'OTHER_BALANCE' | 'OTHER_BANKCARD'
  user_received_account: string
  /** With SUCCESS. */
  success_time?: string
  create_time: string
  status: V3RefundStatus
  funds_account?: string
  /** payer_refund is what the payer gets back, after coupons. */
  amount: {
    total: number
    refund: number
    payer_total: number
    payer_refund: number
    settlement_refund: number
    settlement_total: number
    discount_refund: number
    currency: string
    from?: { account: string; amount: number }[]
    refund_fee?: number
  }
}

/** What the notice of a refund holds: another name for the state, and no currency. */
export interface V3RefundNoticeResource {
  mchid: string
  out_trade_no: string
  transaction_id: string
  out_refund_no: string
  refund_id: string
  refund_status: V3RefundStatus
  success_time?: string
  user_received_account: string
  amount: { total: number; refund: number; payer_total: number; payer_refund: number }
}

/** The answer to GET /v3/bill/tradebill and /v3/bill/fundflowbill. */
export interface V3BillAddress {
  hash_type: 'SHA1'
  /** Hex, over the plain bytes. */
  hash_value: string
  /** Good for five minutes; asked for with a signature over its path and query, answered without one. */
  download_url: string
}

/** GET /v3/certificates */
export interface V3Certificates {
  data: V3PlatformCertificate[]
}

export interface V3PlatformCertificate {
  /** Upper-case hex. */
  serial_no: string
  effective_time: string
  expire_time: string
  /** Holds the certificate in PEM. */
  encrypt_certificate: V3Encrypted
}

/** AES-256-GCM with the API v3 key. */
export interface V3Encrypted {
  algorithm: 'AEAD_AES_256_GCM'
  /** Base64, the tag of 16 bytes at its end. */
  ciphertext: string
  /** May be empty. */
  associated_data?: string
  /** 12 characters. */
  nonce: string
}

/** What WeChat posts to notify_url. The id stays the same when it is sent again. */
export interface V3Notice {
  id: string
  create_time: string
  event_type: 'TRANSACTION.SUCCESS' | 'REFUND.SUCCESS' | 'REFUND.ABNORMAL' | 'REFUND.CLOSED'
  resource_type: 'encrypt-resource'
  summary: string
  resource: V3Encrypted & { original_type: 'transaction' | 'refund' }
}

/** What we answer to a notice that was not accepted; one that was gets 204 and no body. */
export interface V3NoticeReply {
  code: 'FAIL'
  message: string
}

export type V3CommonErrorCode =
  | 'PARAM_ERROR'
  | 'INVALID_REQUEST'
  | 'SIGN_ERROR'
  | 'SYSTEM_ERROR'
  | 'FREQUENCY_LIMITED'
  | 'RATELIMIT_EXCEEDED'
  | 'SERVICE_UNAVAILABLE'
  | 'MCH_NOT_EXISTS'
  | 'NO_AUTH'

export type V3PrepayErrorCode = V3CommonErrorCode | 'APPID_MCHID_NOT_MATCH' | 'ORDER_CLOSED' | 'ORDER_PAID' | 'OUT_TRADE_NO_USED'
export type V3QueryErrorCode = V3CommonErrorCode | 'ORDER_NOT_EXIST' | 'RULE_LIMIT' | 'TRADE_ERROR'
export type V3CloseErrorCode = V3CommonErrorCode | 'ORDER_PAID' | 'ORDER_CLOSED' | 'ORDER_NOT_EXIST' | 'RULE_LIMIT' | 'TRADE_ERROR'
export type V3CertificatesErrorCode = V3CommonErrorCode | 'RESOURCE_NOT_EXISTS'
export type V3RefundErrorCode =
  | V3CommonErrorCode
  | 'NOT_ENOUGH'
  | 'USER_ACCOUNT_ABNORMAL'
  | 'RESOURCE_NOT_EXISTS'
  | 'TRADE_OVERDUE'
  | 'REFUND_FEE_MISMATCH'
export type V3RefundQueryErrorCode = V3CommonErrorCode | 'RESOURCE_NOT_EXISTS'
export type V3BillErrorCode = V3CommonErrorCode | 'NO_STATEMENT_EXIST' | 'STATEMENT_CREATING'
