import { toFen } from 'wxpay-core/money'
import type { Order } from '../domain/order.ts'
import type { Payment, PaymentStatus, ReportedTrade } from '../domain/payment.ts'
import { usualProtocol } from './protocols.ts'

export const at = new Date('2026-03-01T02:20:00Z')

const preparing: Payment = {
  id: '1',
  orderId: '1',
  outTradeNo: 'P00001',
  protocol: usualProtocol,
  tradeType: 'native',
  means: { tradeType: 'native' },
  totalFen: toFen(100),
  status: 'preparing',
  anomalies: [],
  action: null,
  prepayId: null,
  createdAt: new Date('2026-03-01T02:15:00Z'),
  codeExpiresAt: null,
  expiresAt: new Date('2026-03-01T02:30:00Z'),
  closeReason: null,
  closedAt: null,
  refusal: null,
  confirmingSince: null,
  transactionId: null,
  payerFen: null,
  openId: null,
  paidAt: null,
  recordedAt: null,
  reservedRefundFen: toFen(0),
}

const pending: Payment = {
  ...preparing,
  status: 'pending',
  action: { tradeType: 'native', codeUrl: 'weixin://wxpay/bizpayurl?pr=P00001' },
  codeExpiresAt: new Date('2026-03-01T02:20:30Z'),
}

const closing: Payment = { ...pending, status: 'closing', closeReason: 'expired' }

/** One payment of 100 fen in each of its states, as it comes to be. */
export const payments: Record<PaymentStatus, Payment> = {
  preparing,
  pending,
  closing,
  closed: { ...closing, status: 'closed', closedAt: new Date('2026-03-01T02:20:40Z') },
  refused: { ...preparing, status: 'refused', refusal: { code: 'NOAUTH', description: '商户号该产品权限未开通' } },
  paid: {
    ...pending,
    status: 'paid',
    transactionId: '4200000001',
    payerFen: toFen(100),
    openId: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc',
    paidAt: new Date('2026-03-01T02:17:42Z'),
    recordedAt: new Date('2026-03-01T02:17:43Z'),
  },
}

/** WeChat's word that exactly what was asked for has come in. */
export const paidInFull: ReportedTrade = {
  transactionId: '4200000001',
  totalFen: toFen(100),
  currency: 'CNY',
  payerFen: toFen(100),
  openId: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc',
  paidAt: new Date('2026-03-01T02:17:42Z'),
}

export const unpaidOrder: Order = {
  id: '1',
  token: 'tokenTokenTokenTokenToken',
  orderNo: '20260301-7K2M9QX4TB',
  amountFen: toFen(100),
  description: '青禾书店',
  status: 'unpaid',
  closedReason: null,
  version: 1,
  createdAt: new Date('2026-03-01T02:15:00Z'),
  paidAt: null,
  recordedAt: null,
  closedAt: null,
}
