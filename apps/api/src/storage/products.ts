import { toFen, type Fen } from 'wxpay-core/money'
import type { Product } from '../domain/product.ts'
import type { Database, Tx } from './database.ts'

const columns = ['id', 'name', 'price_fen', 'active'] as const

function toProduct(row: { id: string; name: string; price_fen: number; active: boolean }): Product {
  return { productId: row.id, name: row.name, priceFen: toFen(row.price_fen), active: row.active }
}

export async function listProducts(db: Database): Promise<Product[]> {
  const rows = await db.selectFrom('products').select(columns).orderBy('id').execute()
  return rows.map(toProduct)
}

export async function findProduct(db: Database | Tx, productId: string): Promise<Product | undefined> {
  const row = await db.selectFrom('products').select(columns).where('id', '=', productId).executeTakeFirst()
  return row && toProduct(row)
}

/** Whether anything is sold by printed codes at this moment. */
export async function anyProductIsActive(db: Database | Tx): Promise<boolean> {
  return (await db.selectFrom('products').select('id').where('active', '=', true).limit(1).executeTakeFirst()) !== undefined
}

/** @returns whether there was none with this number before */
export async function saveProduct(
  db: Database,
  { productId, name, priceFen, active }: { productId: string; name: string; priceFen: Fen; active: boolean },
  now: Date,
): Promise<boolean> {
  const changed = { name, price_fen: priceFen, active, updated_at: now }
  return db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx.updateTable('products').set(changed).where('id', '=', productId).executeTakeFirst()
    if (numUpdatedRows === 1n) return false
    await tx
      .insertInto('products')
      .values({ id: productId, created_at: now, ...changed })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
      .execute()
    return true
  })
}

/** Its printed codes go on leading here, and are declined. @returns whether there was one */
export async function removeProduct(db: Database, productId: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('products').where('id', '=', productId).executeTakeFirst()
  return numDeletedRows === 1n
}

/** A code and, where WeChat gave one, the short address that leads to it. `signer`: changes with the appid, the merchant and the key. */
export interface ProductCode {
  codeUrl: string
  shortUrl: string | null
  signer: string
}

export async function findProductCode(db: Database, productId: string): Promise<ProductCode | undefined> {
  const row = await db
    .selectFrom('products')
    .select(['code_url', 'short_url', 'code_signer'])
    .where('id', '=', productId)
    .executeTakeFirst()
  if (!row || row.code_url === null || row.code_signer === null) return undefined
  return { codeUrl: row.code_url, shortUrl: row.short_url, signer: row.code_signer }
}

export async function saveProductCode(db: Database, productId: string, { codeUrl, shortUrl, signer }: ProductCode): Promise<void> {
  await db
    .updateTable('products')
    .set({ code_url: codeUrl, short_url: shortUrl, code_signer: signer })
    .where('id', '=', productId)
    .execute()
}
