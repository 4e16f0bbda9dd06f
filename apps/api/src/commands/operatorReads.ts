import type { Discrepancy } from '../domain/discrepancy.ts'
import type { BillFile, BillRecord, EventRecord, OrderHistory, OrderRecord, Page, RefundRecord } from '../domain/records.ts'
import type { Database } from '../storage/database.ts'
import { listBills, openBillFile, type BillListWish } from '../storage/lists/bills.ts'
import { listDiscrepancies, readDiscrepancyRecord, type DiscrepancyListWish } from '../storage/lists/discrepancies.ts'
import { listEvents, type EventListWish } from '../storage/lists/events.ts'
import { listOrders, readOrderHistory, type OrderListWish } from '../storage/lists/orders.ts'
import { listRefunds, readRefundRecord, type RefundListWish } from '../storage/lists/refunds.ts'

/** What an operator may look at. Nothing of it changes anything or calls WeChat. */
export interface OperatorReads {
  orders(wish: OrderListWish): Promise<Page<OrderRecord>>
  /** @throws OrderNotFoundError */
  order(orderNo: string): Promise<OrderHistory>
  refunds(wish: RefundListWish): Promise<Page<RefundRecord>>
  /** @throws RefundNotFoundError */
  refund(outRefundNo: string): Promise<RefundRecord>
  events(wish: EventListWish): Promise<Page<EventRecord>>
  bills(wish: BillListWish): Promise<Page<BillRecord>>
  /** @throws BillNotFoundError, BillFileNotFoundError */
  billFile(billId: string): Promise<BillFile>
  discrepancies(wish: DiscrepancyListWish): Promise<Page<Discrepancy>>
  /** @throws DiscrepancyNotFoundError */
  discrepancy(discrepancyId: string): Promise<Discrepancy>
}

export function createOperatorReads(db: Database): OperatorReads {
  return {
    orders: (wish) => listOrders(db, wish),
    order: (orderNo) => readOrderHistory(db, orderNo),
    refunds: (wish) => listRefunds(db, wish),
    refund: (outRefundNo) => readRefundRecord(db, outRefundNo),
    events: (wish) => listEvents(db, wish),
    bills: (wish) => listBills(db, wish),
    billFile: (billId) => openBillFile(db, billId),
    discrepancies: (wish) => listDiscrepancies(db, wish),
    discrepancy: (discrepancyId) => readDiscrepancyRecord(db, discrepancyId),
  }
}
