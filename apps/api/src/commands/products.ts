import { createHash } from 'node:crypto'
import { WechatPayError, type ScanGate } from 'wxpay-core/protocol'
import { ProductNotFoundError } from '../domain/errors.ts'
import type { Product } from '../domain/product.ts'
import type { Database } from '../storage/database.ts'
import { findProduct, findProductCode, listProducts, removeProduct, saveProduct, saveProductCode } from '../storage/products.ts'
import type { Clock } from '../support/clock.ts'

/** What an operator may do with what is sold by printed codes. */
export interface ProductCommands {
  list(): Promise<Product[]>
  /** @returns whether it is a new one */
  save(product: Product): Promise<boolean>
  /** @throws ProductNotFoundError */
  remove(productId: string): Promise<void>
  /** null: printed codes are not switched on. Its promise rejects with ProductNotFoundError. */
  readonly code: ((productId: string) => Promise<{ codeUrl: string; shortUrl: string | null }>) | null
}

export interface ProductContext {
  db: Database
  clock: Clock
  codes: CodeMaker | null
}

export interface CodeMaker {
  gate: Pick<ScanGate, 'codeFor' | 'shorten'>
  /** Of codeSigner(): a code that another appid or key has signed leads nowhere. */
  signer: string
}

export function createProductCommands({ db, clock, codes }: ProductContext): ProductCommands {
  return {
    list: () => listProducts(db),
    save: (product) => saveProduct(db, product, clock.now()),
    async remove(productId) {
      if (!(await removeProduct(db, productId))) throw new ProductNotFoundError('no such product')
    },
    code: codes && ((productId) => codeOf({ db, clock, codes }, productId)),
  }
}

/** The same code again for as long as it is good, and its short address once WeChat has given one. */
async function codeOf({ db, clock, codes }: ProductContext & { codes: CodeMaker }, productId: string) {
  if (!(await findProduct(db, productId))) throw new ProductNotFoundError('no such product')
  const { gate, signer } = codes
  const kept = await findProductCode(db, productId)
  const good = kept?.signer === signer ? kept : { codeUrl: gate.codeFor(productId, clock.now()), shortUrl: null, signer }
  const code = { ...good, shortUrl: good.shortUrl ?? (await shorten(gate, good.codeUrl)) }
  if (code.codeUrl !== kept?.codeUrl || code.shortUrl !== kept.shortUrl) await saveProductCode(db, productId, code)
  return { codeUrl: code.codeUrl, shortUrl: code.shortUrl }
}

/** The long one leads to the same: without a short one the code on paper is only denser. */
async function shorten(gate: CodeMaker['gate'], codeUrl: string): Promise<string | null> {
  try {
    return await gate.shorten(codeUrl)
  } catch (error) {
    if (error instanceof WechatPayError) return null
    throw error
  }
}

/** Tells whether a kept code is still good. 32 bits of a hash: enough to see a change of key by, and no help in finding the key. */
export function codeSigner({ appId, mchId, key }: { appId: string; mchId: string; key: string }): string {
  return createHash('sha256').update(`${appId}\n${mchId}\n${key}`).digest('hex').slice(0, 8)
}
