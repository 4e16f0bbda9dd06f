import Router from '@koa/router'
import { ProductParams, productBody, routes, type ProductCodeView, type ProductsView, type ProductView } from 'wxpay-core/contract'
import { z } from 'zod'
import type { ProductCommands } from '../../commands/products.ts'
import type { Config } from '../../config.ts'
import { ProductNotFoundError } from '../../domain/errors.ts'
import type { Product } from '../../domain/product.ts'
import { readRequest } from '../readRequest.ts'
import { RequestError } from '../requestErrors.ts'
import type { AppMiddleware, RequestState } from '../state.ts'

export interface ProductRoutesDeps {
  config: Pick<Config, 'limits'>
  products: ProductCommands
  operators: AppMiddleware
}

/** What is sold by printed codes. For the operator alone. */
export function productRoutes({ config, products, operators }: ProductRoutesDeps): Router<RequestState> {
  const router = new Router<RequestState>()
  const SaveRequest = z.object({ body: productBody(config.limits.maxAmountFen) })
  router.use(operators)

  router.get(routes.products, async (ctx) => {
    ctx.body = { products: (await products.list()).map(presentProduct) } satisfies ProductsView
  })

  /** 201 for a new one, 200 for a changed one: repeating it is harmless. */
  router.put('/v1/products/:productId', async (ctx) => {
    const productId = productIdOf(ctx.params)
    const { body } = await readRequest(ctx, SaveRequest)
    const isNew = await products.save({ productId, ...body })
    ctx.status = isNew ? 201 : 200
    ctx.body = presentProduct({ productId, ...body })
  })

  router.delete('/v1/products/:productId', async (ctx) => {
    await products.remove(productIdOf(ctx.params))
    ctx.status = 204
  })

  /** The text of the code to print; it does not expire. */
  router.get('/v1/products/:productId/code', async (ctx) => {
    const productId = productIdOf(ctx.params)
    if (!products.code) throw new RequestError('trade_type_not_enabled')
    ctx.body = (await products.code(productId)) satisfies ProductCodeView
  })

  return router
}

/** @throws {ProductNotFoundError} also for what cannot be a product's number */
function productIdOf(params: unknown): string {
  const parsed = ProductParams.safeParse(params)
  if (!parsed.success) throw new ProductNotFoundError('not a product’s number')
  return parsed.data.productId
}

function presentProduct({ productId, name, priceFen, active }: Product): ProductView {
  return { productId, name, priceFen, active }
}
