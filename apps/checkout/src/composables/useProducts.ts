import { shallowReadonly, shallowRef } from 'vue'
import type { ProductBody, ProductCodeView, ProductView } from 'wxpay-core/contract'
import { asApiError, type ApiError } from '../api/ApiError.ts'
import { loadProductsApi } from '../api/loadProductsApi.ts'
import type { ProductsApi } from '../api/productsApi.ts'
import { consoleProblem, type ConsoleProblem } from '../console/consoleProblem.ts'
import type { Memory } from '../support/storage.ts'

const tokenAs = 'wxpay-console.operator-token'

/** What a header can carry: nothing else can be the token. */
const sendable = /^[\x21-\x7e]+$/

/** The products of an operator who has typed the token once; the token stays in this tab. */
export function useProducts(memory: Memory) {
  const token = shallowRef(memory.read(tokenAs))
  const tokenRefused = shallowRef(false)
  const products = shallowRef<readonly ProductView[] | null>(null)
  const codes = shallowRef<ReadonlyMap<string, ProductCodeView>>(new Map())
  const problem = shallowRef<ConsoleProblem | null>(null)
  const busy = shallowRef(false)
  const asked = new Set<string>()

  /** @returns null, with the problem noted, when it did not work */
  async function attempt<T>(send: (api: ProductsApi) => Promise<T>): Promise<T | null> {
    const usedToken = token.value
    if (usedToken === null) return null
    problem.value = null
    try {
      const answer = await send(await loadProductsApi(usedToken))
      return usedToken === token.value ? answer : null
    } catch (cause) {
      if (usedToken === token.value) note(asApiError(cause))
      return null
    }
  }

  function note(error: ApiError): void {
    if (error.details.status === 401) {
      lock()
      tokenRefused.value = true
    } else problem.value = consoleProblem(error)
  }

  async function load(): Promise<void> {
    busy.value = true
    const answer = await attempt((api) => api.fetchProducts())
    busy.value = false
    if (answer) products.value = sorted(answer)
  }

  async function save(productId: string, body: ProductBody): Promise<ProductView | null> {
    if (busy.value) return null
    busy.value = true
    const saved = await attempt((api) => api.saveProduct(productId, body))
    busy.value = false
    if (saved) products.value = sorted([...(products.value ?? []).filter((product) => product.productId !== saved.productId), saved])
    return saved
  }

  /** A code never changes: it is asked for once, and again only after a failure. One after the other, until one fails. */
  async function fetchCodes(productIds: readonly string[]): Promise<void> {
    const missing = productIds.filter((productId) => !codes.value.has(productId) && !asked.has(productId))
    for (const productId of missing) asked.add(productId)
    for (const productId of missing) {
      const code = await attempt((api) => api.fetchCode(productId))
      if (code === null) break
      codes.value = new Map(codes.value).set(productId, code)
    }
    for (const productId of missing) asked.delete(productId)
  }

  function unlock(typed: string): void {
    tokenRefused.value = !sendable.test(typed)
    if (tokenRefused.value) return
    memory.write(tokenAs, typed)
    token.value = typed
    void load()
  }

  function lock(): void {
    memory.forget(tokenAs)
    token.value = null
    products.value = null
    problem.value = null
    tokenRefused.value = false
  }

  if (token.value !== null) void load()

  return {
    token: shallowReadonly(token),
    tokenRefused: shallowReadonly(tokenRefused),
    products: shallowReadonly(products),
    codes: shallowReadonly(codes),
    problem: shallowReadonly(problem),
    busy: shallowReadonly(busy),
    load,
    save,
    fetchCodes,
    forgetProblem(): void {
      problem.value = null
    },
    unlock,
    lock,
  }
}

export type Products = ReturnType<typeof useProducts>

function sorted(products: readonly ProductView[]): ProductView[] {
  return products.toSorted((a, b) => a.productId.localeCompare(b.productId, 'en', { numeric: true }))
}
