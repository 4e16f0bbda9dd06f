import type { ProductBody, ProductCodeView, ProductView } from 'wxpay-core/contract'
import { routes } from 'wxpay-core/contract/routes'
import { ask } from './http.ts'
import { boolean, integer, nullable, readFields, text, UnreadableAnswerError } from './readFields.ts'

export interface ProductsApi {
  fetchProducts(): Promise<ProductView[]>
  saveProduct(productId: string, body: ProductBody): Promise<ProductView>
  fetchCode(productId: string): Promise<ProductCodeView>
}

/**
 * The operator's products and the codes to print for them.
 *
 * @param operatorToken - the server's setting OPERATOR_TOKEN
 */
export function productsApi(operatorToken: string): ProductsApi {
  const headers = { Authorization: `Bearer ${operatorToken}` }
  return {
    fetchProducts: async () => readProducts(await ask({ url: routes.products, headers })),
    saveProduct: async (productId, data) => readProduct(await ask({ method: 'put', url: routes.product(productId), headers, data })),
    fetchCode: async (productId) => readCode(await ask({ url: routes.productCode(productId), headers })),
  }
}

function readProducts(answer: unknown): ProductView[] {
  const { products } = readFields(answer, 'answer')
  if (!Array.isArray(products)) throw new UnreadableAnswerError('products')
  return products.map(readProduct)
}

function readProduct(answer: unknown): ProductView {
  const fields = readFields(answer, 'product')
  return {
    productId: text(fields, 'productId'),
    name: text(fields, 'name'),
    priceFen: integer(fields, 'priceFen'),
    active: boolean(fields, 'active'),
  }
}

function readCode(answer: unknown): ProductCodeView {
  const fields = readFields(answer, 'answer')
  return { codeUrl: text(fields, 'codeUrl'), shortUrl: nullable(fields, 'shortUrl', text) }
}
