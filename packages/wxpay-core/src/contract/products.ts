import { z } from 'zod'
import { toFen } from '../money.ts'
import { Description } from './checkouts.ts'

/** Printed into codes and signed with their other fields, which nothing may be confused with: letters, digits, _ and - only. */
export const ProductId = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be 1 to 32 letters, digits, _ or -')

export const ProductParams = z.strictObject({ productId: ProductId })

/** PUT /v1/products/:productId. The name is what the payer reads. The upper limit of the price is a setting, known to the server. */
export function productBody(maxAmountFen: number) {
  return z.strictObject({
    name: Description,
    priceFen: z
      .int('must be a whole number of fen')
      .min(1, 'must be at least 1')
      .max(maxAmountFen, `must be at most ${maxAmountFen}`)
      .transform(toFen),
    /** What is not active is declined when it is scanned; its code stays good for later. */
    active: z.boolean(),
  })
}
export type ProductBody = z.input<ReturnType<typeof productBody>>

export const ProductView = z.object({ productId: z.string(), name: z.string(), priceFen: z.int(), active: z.boolean() })
export type ProductView = z.infer<typeof ProductView>

/** GET /v1/products */
export const ProductsView = z.object({ products: z.array(ProductView) })
export type ProductsView = z.infer<typeof ProductsView>

/** GET /v1/products/:productId/code. The short address, where WeChat gave one, makes a lighter code. */
export const ProductCodeView = z.object({ codeUrl: z.string(), shortUrl: z.string().nullable() })
export type ProductCodeView = z.infer<typeof ProductCodeView>
