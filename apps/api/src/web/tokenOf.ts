import type { RouterContext } from '@koa/router'
import { CheckoutParams } from 'wxpay-core/contract'
import { CheckoutNotFoundError } from '../domain/errors.ts'

/** @throws {CheckoutNotFoundError} also for what cannot be a token at all: nobody learns what tokens look like */
export function tokenOf({ params }: Pick<RouterContext, 'params'>): string {
  const read = CheckoutParams.safeParse(params)
  if (!read.success) throw new CheckoutNotFoundError('not a token')
  return read.data.token
}
