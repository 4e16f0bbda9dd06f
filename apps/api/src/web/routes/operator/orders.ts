import type Router from '@koa/router'
import { defaultPageSize, OrderListQuery, OrderParams, routes, type OrderDetail, type OrderPage } from 'wxpay-core/contract'
import { z } from 'zod'
import type { OperatorReads } from '../../../commands/operatorReads.ts'
import { OrderNotFoundError } from '../../../domain/readErrors.ts'
import { presentOrder, presentOrderHistory } from '../../../presenters/presentOrder.ts'
import { cursorParam } from '../../cursor.ts'
import { presentPage } from '../../pageAnswer.ts'
import { readRequest } from '../../readRequest.ts'
import type { RequestState } from '../../state.ts'

const ListRequest = z.object({ query: OrderListQuery.extend({ cursor: cursorParam('orders') }) })

export function orderRoutes(router: Router<RequestState>, { reads }: { reads: Pick<OperatorReads, 'orders' | 'order'> }): void {
  router.get(routes.orders, async (ctx) => {
    const { query } = await readRequest(ctx, ListRequest)
    const { cursor, limit = defaultPageSize, ...filter } = query
    const page = await reads.orders({ ...filter, limit, from: cursor?.key ?? null })
    ctx.body = presentPage(page, 'orders', presentOrder) satisfies OrderPage
  })

  /** With everything that happened to it. */
  router.get('/v1/orders/:orderNo', async (ctx) => {
    const params = OrderParams.safeParse(ctx.params)
    if (!params.success) throw new OrderNotFoundError('not an order’s number')
    ctx.body = presentOrderHistory(await reads.order(params.data.orderNo)) satisfies OrderDetail
  })
}
