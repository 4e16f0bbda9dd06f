import type { ProductBody, ProductView } from 'wxpay-core/contract'
import { formatYuan, toFen } from 'wxpay-core/money'
import { readAmount, type AmountLimits } from '../checkout/amount.ts'

/** What is typed about a product. */
export interface ProductDraft {
  productId: string
  name: string
  price: string
}

export type ProductField = keyof ProductDraft

export type ReadProduct = { ok: true; productId: string; body: ProductBody } | { ok: false; problems: ReadonlySet<ProductField> }

export interface ReadProductOptions {
  limits: AmountLimits
  active: boolean
}

/** As the contract says: at most 127 bytes of UTF-8, no control characters, nothing of four bytes. */
const maxNameBytes = 127
const forbiddenInName = /[\p{Cc}\p{Cs}\u{10000}-\u{10ffff}\ufffe\uffff]/u

/** All problems at once. */
export function readProduct(draft: ProductDraft, { limits, active }: ReadProductOptions): ReadProduct {
  const productId = draft.productId.trim()
  const name = draft.name.trim()
  const price = readAmount(draft.price, limits)
  const problems = new Set<ProductField>()
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(productId)) problems.add('productId')
  if (name === '' || forbiddenInName.test(name) || new TextEncoder().encode(name).length > maxNameBytes) problems.add('name')
  if (!price.ok || problems.size > 0) return { ok: false, problems: price.ok ? problems : problems.add('price') }
  return { ok: true, productId, body: { name, priceFen: price.amount, active } }
}

/** An empty form proposes the first number that is free. */
export function newDraft(products: readonly ProductView[]): ProductDraft {
  const taken = new Set(products.map(({ productId }) => productId))
  let number = products.length + 1
  const proposed = () => `P${String(number).padStart(3, '0')}`
  while (taken.has(proposed())) number += 1
  return { productId: proposed(), name: '', price: '' }
}

export function draftOf({ productId, name, priceFen }: ProductView): ProductDraft {
  return { productId, name, price: formatYuan(toFen(priceFen)) }
}

/** Those with every word of the search in name or number. */
export function searchProducts(products: readonly ProductView[], search: string): ProductView[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return products.filter(({ name, productId }) => {
    const text = `${name} ${productId}`.toLocaleLowerCase()
    return words.every((word) => text.includes(word))
  })
}
