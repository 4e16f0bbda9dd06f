import type Router from '@koa/router'
import {
  defaultPageSize,
  idempotencyReplayedHeader,
  PaymentParams,
  RefundListQuery,
  RefundParams,
  RequestRefundBody,
  routes,
  type RefundPage,
  type RefundView,
} from 'wxpay-core/contract'
import { z } from 'zod'
import type { Commands } from '../../../commands/commands.ts'
import type { OperatorReads } from '../../../commands/operatorReads.ts'
import { PaymentNotFoundError, RefundNotFoundError } from '../../../domain/refundErrors.ts'
import { presentRefund } from '../../../presenters/presentRefund.ts'
import { cursorParam } from '../../cursor.ts'
import { fingerprintOf } from '../../fingerprint.ts'
import { presentPage } from '../../pageAnswer.ts'
import { IdempotencyHeaders, readRequest } from '../../readRequest.ts'
import type { RequestState } from '../../state.ts'

const RefundRequest = z.object({ headers: IdempotencyHeaders, body: RequestRefundBody })
const ListRequest = z.object({ query: RefundListQuery.extend({ cursor: cursorParam('refunds') }) })

export interface RefundRoutesDeps {
  commands: Pick<Commands, 'requestRefund'>
  reads: Pick<OperatorReads, 'refunds' | 'refund'>
}

export function refundRoutes(router: Router<RequestState>, { commands, reads }: RefundRoutesDeps): void {
  /** 202: stored. The money moves in a task; GET /v1/refunds/:outRefundNo tells how it went. */
  router.post('/v1/payments/:outTradeNo/refunds', async (ctx) => {
    const params = PaymentParams.safeParse(ctx.params)
    if (!params.success) throw new PaymentNotFoundError('not a payment’s number')
    const { outTradeNo } = params.data
    const { headers, body } = await readRequest(ctx, RefundRequest)
    const request = {
      scope: 'POST /v1/payments/:outTradeNo/refunds',
      key: headers['idempotency-key'],
      fingerprint: fingerprintOf({ outTradeNo, ...body }),
    }
    const { refund, replayed } = await commands.requestRefund({ outTradeNo, ...body, request, source: 'operator' })
    if (replayed) ctx.set(idempotencyReplayedHeader, 'true')
    ctx.status = 202
    ctx.body = presentRefund(await reads.refund(refund.outRefundNo)) satisfies RefundView
  })

  router.get(routes.refunds, async (ctx) => {
    const { query } = await readRequest(ctx, ListRequest)
    const { cursor, limit = defaultPageSize, ...filter } = query
    const page = await reads.refunds({ ...filter, limit, from: cursor?.key ?? null })
    ctx.body = presentPage(page, 'refunds', presentRefund) satisfies RefundPage
  })

  router.get('/v1/refunds/:outRefundNo', async (ctx) => {
    const params = RefundParams.safeParse(ctx.params)
    if (!params.success) throw new RefundNotFoundError('not a refund’s number')
    ctx.body = presentRefund(await reads.refund(params.data.outRefundNo)) satisfies RefundView
  })
}
