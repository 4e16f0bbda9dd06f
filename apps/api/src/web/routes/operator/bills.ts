import { Readable } from 'node:stream'
import type Router from '@koa/router'
import {
  BillListQuery,
  BillParams,
  defaultPageSize,
  DiscrepancyListQuery,
  DiscrepancyParams,
  RequestBillBody,
  ResolveDiscrepancyBody,
  routes,
  type BillPage,
  type DiscrepancyPage,
  type DiscrepancyView,
} from 'wxpay-core/contract'
import { z } from 'zod'
import type { BillCommands } from '../../../commands/billCommands.ts'
import type { OperatorReads } from '../../../commands/operatorReads.ts'
import { BillNotFoundError, DiscrepancyNotFoundError } from '../../../domain/billErrors.ts'
import { presentBill, presentDiscrepancy } from '../../../presenters/presentBill.ts'
import { cursorParam } from '../../cursor.ts'
import { presentPage } from '../../pageAnswer.ts'
import { readRequest } from '../../readRequest.ts'
import type { RequestState } from '../../state.ts'

const BillListRequest = z.object({ query: BillListQuery.extend({ cursor: cursorParam('bills') }) })
const BillRequest = z.object({ body: RequestBillBody })
const DiscrepancyListRequest = z.object({ query: DiscrepancyListQuery.extend({ cursor: cursorParam('discrepancies') }) })
const ResolveRequest = z.object({ body: ResolveDiscrepancyBody })

export interface BillRoutesDeps {
  bills: BillCommands
  reads: Pick<OperatorReads, 'bills' | 'billFile' | 'discrepancies' | 'discrepancy'>
}

export function billRoutes(router: Router<RequestState>, { bills, reads }: BillRoutesDeps): void {
  router.get(routes.bills, async (ctx) => {
    const { query } = await readRequest(ctx, BillListRequest)
    const { cursor, limit = defaultPageSize, ...filter } = query
    const page = await reads.bills({ ...filter, limit, from: cursor?.key ?? null })
    ctx.body = presentPage(page, 'bills', presentBill) satisfies BillPage
  })

  /** 202: they are fetched by a task; GET /v1/bills?billDate= tells how it goes. Repeating it is harmless, so it needs no key. */
  router.post(routes.bills, async (ctx) => {
    const { body } = await readRequest(ctx, BillRequest)
    await bills.requestBill(body)
    ctx.status = 202
    ctx.body = presentPage(await reads.bills({ ...body, limit: defaultPageSize, from: null }), 'bills', presentBill) satisfies BillPage
  })

  /** WeChat's file as it came, gzipped. */
  router.get('/v1/bills/:billId/file', async (ctx) => {
    const params = BillParams.safeParse(ctx.params)
    if (!params.success) throw new BillNotFoundError('not a bill’s number')
    const { bill, bytes, pieces } = await reads.billFile(params.data.billId)
    ctx.type = 'application/gzip'
    ctx.length = bytes
    ctx.set('Content-Disposition', `attachment; filename="${bill.kind}-${bill.billDate}.csv.gz"`)
    if (ctx.method === 'HEAD') return void (ctx.status = 200)
    const file = Readable.from(pieces(), { objectMode: false })
    // The status has left: a file that ends too early must not look like a whole one.
    file.once('error', () => ctx.res.destroy())
    ctx.body = file
    ctx.length = bytes
    return
  })

  router.get(routes.discrepancies, async (ctx) => {
    const { query } = await readRequest(ctx, DiscrepancyListRequest)
    const { cursor, limit = defaultPageSize, ...filter } = query
    const page = await reads.discrepancies({ ...filter, limit, from: cursor?.key ?? null })
    ctx.body = presentPage(page, 'discrepancies', presentDiscrepancy) satisfies DiscrepancyPage
  })

  /** A person says why it is settled. No money moves. */
  router.post('/v1/discrepancies/:discrepancyId/resolve', async (ctx) => {
    const params = DiscrepancyParams.safeParse(ctx.params)
    if (!params.success) throw new DiscrepancyNotFoundError('not a discrepancy’s number')
    const { discrepancyId } = params.data
    const { body } = await readRequest(ctx, ResolveRequest)
    await bills.resolveDiscrepancy({ id: discrepancyId, reason: body.reason })
    ctx.body = presentDiscrepancy(await reads.discrepancy(discrepancyId)) satisfies DiscrepancyView
  })
}
