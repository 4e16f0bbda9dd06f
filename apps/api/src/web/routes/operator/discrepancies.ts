import type Router from '@koa/router'
import {
  defaultPageSize,
  DiscrepancyListQuery,
  DiscrepancyParams,
  ResolveDiscrepancyBody,
  routes,
  type DiscrepancyPage,
  type DiscrepancyView,
} from 'wxpay-core/contract'
import { z } from 'zod'
import type { BillCommands } from '../../../commands/billCommands.ts'
import type { OperatorReads } from '../../../commands/operatorReads.ts'
import { DiscrepancyNotFoundError } from '../../../domain/billErrors.ts'
import { presentDiscrepancy } from '../../../presenters/presentDiscrepancy.ts'
import { cursorParam } from '../../cursor.ts'
import { presentPage } from '../../pageAnswer.ts'
import { readRequest } from '../../readRequest.ts'
import type { RequestState } from '../../state.ts'

const ListRequest = z.object({ query: DiscrepancyListQuery.extend({ cursor: cursorParam('discrepancies') }) })
const ResolveRequest = z.object({ body: ResolveDiscrepancyBody })

export interface DiscrepancyRoutesDeps {
  bills: Pick<BillCommands, 'resolveDiscrepancy'>
  reads: Pick<OperatorReads, 'discrepancies' | 'discrepancy'>
}

export function discrepancyRoutes(router: Router<RequestState>, { bills, reads }: DiscrepancyRoutesDeps): void {
  router.get(routes.discrepancies, async (ctx) => {
    const { query } = await readRequest(ctx, ListRequest)
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
