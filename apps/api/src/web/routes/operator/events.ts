import type Router from '@koa/router'
import { defaultPageSize, EventListQuery, routes, type EventPage } from 'wxpay-core/contract'
import { z } from 'zod'
import type { OperatorReads } from '../../../commands/operatorReads.ts'
import { presentEvent } from '../../../presenters/presentOrder.ts'
import { cursorParam } from '../../cursor.ts'
import { presentPage } from '../../pageAnswer.ts'
import { readRequest } from '../../readRequest.ts'
import type { RequestState } from '../../state.ts'

const ListRequest = z.object({
  query: EventListQuery.extend({ cursor: cursorParam('events', 'events-after') }).refine(
    ({ after, cursor }) => after === undefined || cursor === undefined,
    { path: ['after'], message: 'must not be sent with a cursor' },
  ),
})

export function eventRoutes(router: Router<RequestState>, { reads }: { reads: Pick<OperatorReads, 'events'> }): void {
  /** Newest first; with `after` oldest first. Nobody who goes on from the last id seen misses an event (storage/lists/settledEvents.ts). */
  router.get(routes.events, async (ctx) => {
    const { query } = await readRequest(ctx, ListRequest)
    const { cursor, after, limit = defaultPageSize, type } = query
    const isForward = after !== undefined || cursor?.list === 'events-after'
    const from = after ?? cursor?.key ?? null
    const page = await reads.events({ type, limit, from, first: isForward ? 'oldest' : 'newest' })
    ctx.body = presentPage(page, isForward ? 'events-after' : 'events', presentEvent) satisfies EventPage
  })
}
