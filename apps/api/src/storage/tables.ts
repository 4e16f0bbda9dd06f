import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { PrepayRequest, RefundRequest } from 'wxpay-core/protocol'
import type { PostingKind } from '../domain/ledger.ts'
import type { ClosedReason, OrderStatus } from '../domain/order.ts'
import type { Anomaly, CloseReason, PaymentAction, PaymentStatus, TradeType } from '../domain/payment.ts'
import type { RefundOrigin, RefundStatus } from '../domain/refund.ts'
import type {
  AccountCredentialsTable,
  AccountEnvelopesTable,
  AccountMessagesTable,
  AuthorisationsTable,
  PayerSessionsTable,
} from './accountTables.ts'
import type { BillPiecesTable, BillRowsTable, BillsTable, DiscrepanciesTable } from './billTables.ts'
import type { Fixed, Identity } from './columns.ts'
import type { StoredAnswer } from './savedAnswer.ts'

export interface OrdersTable {
  id: Identity
  token: Fixed<string>
  order_no: Fixed<string>
  amount_fen: Fixed<number>
  description: Fixed<string>
  client_address: Fixed<string>
  status: OrderStatus
  closed_reason: ClosedReason | null
  version: Generated<number>
  created_at: Fixed<Date>
  paid_at: Date | null
  recorded_at: Date | null
  closed_at: Date | null
  /** When it is to end, unless somebody tries to pay it again. */
  ends_at: Date | null
}

export interface PaymentsTable {
  id: Identity
  order_id: Fixed<string>
  out_trade_no: Fixed<string>
  protocol: Fixed<string>
  /** null: made before this was kept; taken for today's merchant number. */
  mch_id: Fixed<string | null>
  trade_type: Fixed<TradeType>
  total_fen: Fixed<number>
  /** The exact create; a repeat sends the same. */
  request: ColumnType<StoredPrepayRequest, string, never>
  status: PaymentStatus
  anomalies: ColumnType<Anomaly[], Anomaly[] | undefined, readonly Anomaly[]>
  action: JSONColumnType<PaymentAction> | null
  prepay_id: string | null
  created_at: Fixed<Date>
  /** Until then one caller has the create to itself. */
  prepare_lease_until: Date | null
  prepare_started_at: Date | null
  prepare_tries: Generated<number>
  /** Until then one caller has the close to itself. */
  close_lease_until: Date | null
  shown_at: Date | null
  code_expires_at: Date | null
  expires_at: Fixed<Date>
  close_reason: CloseReason | null
  closed_at: Date | null
  refusal: JSONColumnType<{ code: string; description: string }> | null
  confirming_since: Date | null
  transaction_id: string | null
  payer_fen: number | null
  open_id: string | null
  paid_at: Date | null
  recorded_at: Date | null
  queries: Generated<number>
  last_queried_at: Date | null
  close_tries: Generated<number>
  /** When the next turn of each duty comes. */
  next_prepare_at: Date | null
  next_query_at: Date | null
  /** A call of the budget is kept for the next query. */
  query_reserved: Generated<boolean>
  next_close_at: Date | null
  /** Refunds that are not closed or refused: at most what was paid, held by a CHECK. */
  reserved_refund_fen: Generated<number>
  /** When WeChat was last called for a refund of this payment, and under which number: two numbers have to be a minute apart. */
  refund_called_at: Date | null
  refund_called_no: string | null
}

/** PrepayRequest as JSON: the date is text. */
export type StoredPrepayRequest = Stored<PrepayRequest>
type Stored<Request> = Request extends PrepayRequest
  ? Omit<Request, 'expiresAt' | 'totalFen'> & { expiresAt: string; totalFen: number }
  : never

export interface RefundsTable {
  id: Identity
  payment_id: Fixed<string>
  out_refund_no: Fixed<string>
  origin: Fixed<RefundOrigin>
  protocol: Fixed<string>
  refund_fen: Fixed<number>
  reason: Fixed<string | null>
  /** The exact call; a repeat sends the same. null: begun in WeChat's merchant platform. */
  request: ColumnType<StoredRefundRequest | null, string | null, never>
  status: RefundStatus
  waiting_for: 'funds' | null
  refund_id: string | null
  payer_refund_fen: number | null
  received_account: string | null
  refusal: JSONColumnType<{ code: string; description: string }> | null
  created_at: Fixed<Date>
  /** When we heard that WeChat has accepted it. */
  accepted_at: Date | null
  /** WeChat's time. */
  succeeded_at: Date | null
  /** When we heard how it ended. */
  recorded_at: Date | null
  tries: Generated<number>
  queries: Generated<number>
  next_submit_at: Date | null
  next_query_at: Date | null
}

/** RefundRequest as JSON. */
export type StoredRefundRequest = Omit<RefundRequest, 'totalFen' | 'refundFen'> & { totalFen: number; refundFen: number }

export interface NoticesTable {
  id: Identity
  protocol: Fixed<string>
  notice_id: Fixed<string>
  out_trade_no: Fixed<string>
  transaction_id: Fixed<string | null>
  /** Of a notice about a refund. */
  out_refund_no: Fixed<string | null>
  payment_id: string | null
  outcome: 'applied' | 'repeat' | 'flagged' | 'unknown-payment' | 'failed' | 'hint'
  raw: Fixed<string>
  /** WeChat's own number of the first delivery. */
  request_id: Fixed<string | null>
  deliveries: Generated<number>
  received_at: Fixed<Date>
}

export type EventSource = 'notice' | 'query' | 'bill' | 'operator' | 'shopper' | 'api' | 'clock'

export interface EventsTable {
  id: Identity
  order_id: Fixed<string | null>
  payment_id: Fixed<string | null>
  type: Fixed<string>
  source: Fixed<EventSource>
  data: ColumnType<Record<string, unknown>, string, never>
  at: Fixed<Date>
}

/** What WeChat answered to our calls, as it arrived. */
export interface WechatAnswersTable {
  id: Identity
  payment_id: Fixed<string>
  call: Fixed<'prepay' | 'query' | 'close' | 'refund' | 'query-refund'>
  outcome: Fixed<string>
  raw: Fixed<string>
  /** WeChat's own number of the call. */
  request_id: Fixed<string | null>
  at: Fixed<Date>
}

export interface IdempotencyKeysTable {
  scope: Fixed<string>
  key: Fixed<string>
  fingerprint: Fixed<string>
  order_id: string | null
  payment_id: string | null
  refund_id: string | null
  answer: ColumnType<StoredAnswer | null, string | null, string | null>
  lease_until: Date
  created_at: Fixed<Date>
}

export interface OrderWatchesTable {
  token: Fixed<string>
  watched_until: Date
}

export interface CallBudgetsTable {
  name: Fixed<string>
  next_at: Date
}

export interface ProductsTable {
  id: Fixed<string>
  name: string
  price_fen: number
  active: boolean
  code_url: string | null
  short_url: string | null
  /** Changes with what signs codes: another's are of no use. */
  code_signer: string | null
  created_at: Fixed<Date>
  updated_at: Date
}

/** A bigint of money: text in JavaScript. */
type Sum = ColumnType<string, number | undefined, never>

/** Postings of the ledger; in each the sums of all accounts add up to zero. Debits are above zero. */
export interface LedgerPostingsTable {
  id: Identity
  key: Fixed<string>
  kind: Fixed<PostingKind>
  order_id: Fixed<string | null>
  payment_id: Fixed<string | null>
  refund_id: Fixed<string | null>
  bill_id: Fixed<string | null>
  receivable_fen: Sum
  sales_fen: Sum
  refunds_fen: Sum
  fees_fen: Sum
  wechat_clearing_fen: Sum
  wechat_balance_fen: Sum
  at: Fixed<Date>
}

export interface Tables {
  orders: OrdersTable
  payments: PaymentsTable
  refunds: RefundsTable
  notices: NoticesTable
  events: EventsTable
  wechat_answers: WechatAnswersTable
  idempotency_keys: IdempotencyKeysTable
  order_watches: OrderWatchesTable
  call_budgets: CallBudgetsTable
  authorisations: AuthorisationsTable
  payer_sessions: PayerSessionsTable
  account_messages: AccountMessagesTable
  account_envelopes: AccountEnvelopesTable
  account_credentials: AccountCredentialsTable
  products: ProductsTable
  bills: BillsTable
  bill_pieces: BillPiecesTable
  bill_rows: BillRowsTable
  discrepancies: DiscrepanciesTable
  ledger_postings: LedgerPostingsTable
}
