import { Readable } from 'node:stream'
import type Router from '@koa/router'
import { BillListQuery, BillParams, defaultPageSize, RequestBillBody, routes, type BillPage } from 'wxpay-core/contract'
import { z } from 'zod'
import type { BillCommands } from '../../../commands/billCommands.ts'
import type { OperatorReads } from '../../../commands/operatorReads.ts'
import { BillNotFoundError } from '../../../domain/billErrors.ts'
import { presentBill } from '../../../presenters/presentBill.ts'
import { cursorParam } from '../../cursor.ts'
import { presentPage } from '../../pageAnswer.ts'
import { readRequest } from '../../readRequest.ts'
import type { RequestState } from '../../state.ts'

const BillListRequest = z.object({ query: BillListQuery.extend({ cursor: cursorParam('bills') }) })
const BillRequest = z.object({ body: RequestBillBody })

export interface BillRoutesDeps {
  bills: Pick<BillCommands, 'requestBill'>
  reads: Pick<OperatorReads, 'bills' | 'billFile'>
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
    ctx.status = 200
    ctx.type = 'application/gzip'
    ctx.length = bytes
    ctx.set('Content-Disposition', `attachment; filename="${bill.kind}-${bill.billDate}.csv.gz"`)
    if (ctx.method === 'HEAD') return
    const file = Readable.from(pieces(), { objectMode: false })
    // The status has left: a file that ends too early must not look like a whole one.
    file.once('error', () => ctx.res.destroy())
    ctx.body = file
  })
}
