/**
 * The messages of WeChat Pay API v2 for Native, JSAPI and H5 (MWEB) payments, under WeChat's own names. Types only.
 * Every value is text, exactly as it stands in the XML; `?` marks an element that may be absent or empty.
 *
 * @see https://pay.weixin.qq.com/doc/v2/merchant/4011936530 unified order
 */

export type V2SignType = 'MD5' | 'HMAC-SHA256'
export type V2ResultCode = 'SUCCESS' | 'FAIL'
export type V2TradeType = 'NATIVE' | 'JSAPI' | 'MWEB'

/** What every request carries. */
export interface V2Request {
  appid: string
  mch_id: string
  /** Random, at most 32 characters. */
  nonce_str: string
  /** Is itself signed; WeChat takes MD5 when it is absent. */
  sign_type?: V2SignType
  sign: string
}

/** The unsigned answer to a request that WeChat did not take, e.g. return_msg 签名错误. Some servers write retmsg. */
export interface V2ProtocolFailure {
  return_code: 'FAIL'
  return_msg?: string
  retmsg?: string
}

/** What every signed answer carries. */
export interface V2Answer {
  return_code: 'SUCCESS'
  return_msg?: string
  appid: string
  mch_id: string
  device_info?: string
  nonce_str: string
  sign: string
  result_code: V2ResultCode
  /** With result_code FAIL. */
  err_code?: string
  err_code_des?: string
}

/** POST /pay/unifiedorder */
export interface V2UnifiedOrderRequest extends V2Request {
  /** What the payer reads: 127. */
  body: string
  /** 6 to 32 digits, letters, _ - | * */
  out_trade_no: string
  /** Fen. */
  total_fee: string
  spbill_create_ip: string
  /** Absolute, without a query. */
  notify_url: string
  trade_type: V2TradeType
  /** At most 32; mandatory for NATIVE. */
  product_id?: string
  /** yyyyMMddHHmmss, Beijing time, like every time of v2. */
  time_start?: string
  time_expire?: string
  device_info?: string
  detail?: string
  attach?: string
  fee_type?: string
  goods_tag?: string
  limit_pay?: string
  receipt?: string
  profit_sharing?: string
  /** JSON; mandatory for MWEB. */
  scene_info?: string
  /** Of the payer under this very appid; mandatory for JSAPI. */
  openid?: string
}

export interface V2UnifiedOrderAnswer extends V2Answer {
  trade_type?: V2TradeType
  /** Good for two hours, and so is the code of NATIVE. */
  prepay_id?: string
  code_url?: string
  /** MWEB: good for five minutes. */
  mweb_url?: string
}

/** POST /tools/shorturl: long_url is signed as it is and sent percent-encoded. */
export interface V2ShortUrlRequest extends V2Request {
  long_url: string
}

export interface V2ShortUrlAnswer extends V2Answer {
  short_url?: string
}

/** What WeChat posts when a printed code was scanned (Native mode 1). Signed by MD5. */
export interface V2Scan {
  appid: string
  mch_id: string
  openid: string
  is_subscribe: 'Y' | 'N'
  nonce_str: string
  product_id: string
  sign: string
}

/** What we answer to a scan: with return_code FAIL only return_msg, else signed by MD5. */
export interface V2ScanReply {
  return_code: V2ResultCode
  return_msg?: string
  appid?: string
  mch_id?: string
  nonce_str?: string
  /** Empty with result_code FAIL. */
  prepay_id?: string
  result_code?: V2ResultCode
  /** What the payer reads, 128. */
  err_code_des?: string
  sign?: string
}

/** POST /pay/orderquery, by one of the two numbers. */
export interface V2OrderQueryRequest extends V2Request {
  out_trade_no?: string
  transaction_id?: string
}

export type V2TradeState = 'SUCCESS' | 'REFUND' | 'NOTPAY' | 'CLOSED' | 'REVOKED' | 'USERPAYING' | 'PAYERROR' | 'ACCEPT'

/** The facts of a payment, the same in a notice and in the answer to a query. N of coupon_…_N counts from 0. */
export interface V2PaidFields {
  openid?: string
  is_subscribe?: 'Y' | 'N'
  trade_type?: string
  bank_type?: string
  /** Fen, what the order costs. */
  total_fee?: string
  settlement_total_fee?: string
  /** CNY when absent. */
  fee_type?: string
  /** Fen, what left the payer's pocket. */
  cash_fee?: string
  cash_fee_type?: string
  coupon_fee?: string
  coupon_count?: string
  [coupon: `coupon_type_${number}` | `coupon_id_${number}` | `coupon_fee_${number}`]: string
  transaction_id?: string
  attach?: string
  /** yyyyMMddHHmmss, Beijing time. */
  time_end?: string
}

export interface V2OrderQueryAnswer extends V2Answer, V2PaidFields {
  out_trade_no?: string
  trade_state?: V2TradeState
  trade_state_desc?: string
}

/** POST /pay/closeorder */
export interface V2CloseOrderRequest extends V2Request {
  out_trade_no: string
}

export interface V2CloseOrderAnswer extends V2Answer {
  result_msg?: string
}

/** POST /secapi/pay/refund, over a connection with the merchant's certificate; by one of the payment's two numbers. */
export interface V2RefundRequest extends V2Request {
  transaction_id?: string
  out_trade_no?: string
  /** 1 to 64 digits, letters, _ - | * @ ; the same one refunds once. */
  out_refund_no: string
  /** Fen, the whole payment. */
  total_fee: string
  refund_fee: string
  refund_fee_type?: string
  /** What the payer reads: 80. */
  refund_desc?: string
  refund_account?: string
  notify_url?: string
  op_user_id?: string
}

/** Accepted, not done. */
export interface V2RefundAnswer extends V2Answer {
  transaction_id?: string
  out_trade_no?: string
  out_refund_no?: string
  refund_id?: string
  refund_channel?: string
  refund_fee?: string
  settlement_refund_fee?: string
  total_fee?: string
  settlement_total_fee?: string
  fee_type?: string
  cash_fee?: string
  cash_fee_type?: string
  cash_refund_fee?: string
  coupon_refund_fee?: string
  coupon_refund_count?: string
  [coupon: `coupon_type_${number}` | `coupon_refund_id_${number}` | `coupon_refund_fee_${number}`]: string
}

/** POST /pay/refundquery, by one of the four numbers. */
export interface V2RefundQueryRequest extends V2Request {
  refund_id?: string
  out_refund_no?: string
  transaction_id?: string
  out_trade_no?: string
  offset?: string
}

/** CHANGE: the payer's bank did not take it. */
export type V2RefundStatus = 'SUCCESS' | 'PROCESSING' | 'REFUNDCLOSE' | 'CHANGE'

/** N counts from 0, and so does M of coupon_…_N_M; `accout` is WeChat's spelling. Times: yyyy-MM-dd HH:mm:ss, Beijing. */
export interface V2RefundQueryAnswer extends V2Answer {
  transaction_id?: string
  out_trade_no?: string
  total_fee?: string
  settlement_total_fee?: string
  fee_type?: string
  cash_fee?: string
  refund_fee?: string
  total_refund_count?: string
  refund_count?: string
  [
    record:
      | `out_refund_no_${number}`
      | `refund_id_${number}`
      | `refund_channel_${number}`
      | `refund_fee_${number}`
      | `settlement_refund_fee_${number}`
      | `coupon_refund_fee_${number}`
      | `coupon_refund_count_${number}`
      | `refund_status_${number}`
      | `refund_account_${number}`
      | `refund_recv_accout_${number}`
      | `refund_success_time_${number}`
  ]: string
}

/** What WeChat posts to the address of refunds: not signed. */
export interface V2RefundNotice {
  return_code: V2ResultCode
  return_msg?: string
  appid: string
  mch_id: string
  nonce_str: string
  /** Base64 of AES-256-ECB over the XML of V2RefundNoticeInfo, with the root <root>. */
  req_info: string
}

export interface V2RefundNoticeInfo {
  transaction_id: string
  out_trade_no: string
  refund_id: string
  out_refund_no: string
  total_fee: string
  settlement_total_fee?: string
  refund_fee: string
  settlement_refund_fee: string
  refund_status: 'SUCCESS' | 'CHANGE' | 'REFUNDCLOSE'
  /** yyyy-MM-dd HH:mm:ss, Beijing time. */
  success_time?: string
  refund_recv_accout: string
  refund_account: string
  /** VENDOR_PLATFORM: begun by hand in the merchant platform. */
  refund_request_source: 'API' | 'VENDOR_PLATFORM'
  cash_refund_fee?: string
}

/** POST /pay/downloadbill: answered with a bill or with V2BillFailure, neither of them signed. */
export interface V2BillRequest extends V2Request {
  /** yyyyMMdd */
  bill_date: string
  bill_type?: 'ALL' | 'SUCCESS' | 'REFUND' | 'RECHARGE_REFUND'
  tar_type?: 'GZIP'
}

/** POST /pay/downloadfundflow, over a connection with the merchant's certificate, signed by HMAC-SHA256. */
export interface V2FundFlowRequest extends V2Request {
  sign_type: 'HMAC-SHA256'
  bill_date: string
  account_type: 'Basic' | 'Operation' | 'Fees'
  tar_type?: 'GZIP'
}

/** Of the trade bill return_code FAIL with error_code; of the fund-flow bill also return_code SUCCESS with result_code and err_code. */
export interface V2BillFailure {
  return_code: V2ResultCode
  return_msg?: string
  error_code?: string
  result_code?: V2ResultCode
  err_code?: string
  err_code_des?: string
}

/** What WeChat posts to notify_url. It may carry a signed sign_type, and fields that are not in this list: they are signed too. */
export interface V2PaymentNotice extends V2Answer, V2PaidFields {
  out_trade_no: string
  sign_type?: V2SignType
}

/** What we answer to a notice. */
export interface V2NoticeReply {
  return_code: V2ResultCode
  return_msg: string
}

/** Codes that any call may get. */
export type V2CommonErrorCode =
  | 'SYSTEMERROR'
  | 'SIGNERROR'
  | 'LACK_PARAMS'
  | 'PARAM_ERROR'
  | 'INVALID_REQUEST'
  | 'XML_FORMAT_ERROR'
  | 'REQUIRE_POST_METHOD'
  | 'POST_DATA_EMPTY'
  | 'NOT_UTF8'
  | 'APPID_NOT_EXIST'
  | 'MCHID_NOT_EXIST'
  | 'APPID_MCHID_NOT_MATCH'
  | 'NOAUTH'
  | 'FREQUENCY_LIMITED'

export type V2UnifiedOrderErrorCode = V2CommonErrorCode | 'NOTENOUGH' | 'ORDERPAID' | 'ORDERCLOSED' | 'OUT_TRADE_NO_USED'
export type V2OrderQueryErrorCode = V2CommonErrorCode | 'ORDERNOTEXIST'
export type V2CloseOrderErrorCode = V2CommonErrorCode | 'ORDERPAID' | 'ORDERCLOSED' | 'ORDERNOTEXIST' | 'TRADE_STATE_ERROR'
export type V2RefundErrorCode =
  | V2CommonErrorCode
  | 'BIZERR_NEED_RETRY'
  | 'TRADE_OVERDUE'
  | 'ERROR'
  | 'USER_ACCOUNT_ABNORMAL'
  | 'INVALID_REQ_TOO_MUCH'
  | 'NOTENOUGH'
  | 'INVALID_TRANSACTIONID'
  | 'ORDERNOTEXIST'
  | 'CERT_ERROR'
  | 'REFUND_FEE_MISMATCH'
  | 'ORDER_NOT_READY'
export type V2RefundQueryErrorCode = V2CommonErrorCode | 'REFUNDNOTEXIST' | 'INVALID_TRANSACTIONID'
export type V2FundFlowErrorCode = V2CommonErrorCode | 'NO_BILL_EXIST' | 'BILL_CREATING'
