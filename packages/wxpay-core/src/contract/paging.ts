import { z } from 'zod'

export const defaultPageSize = 50
export const maxPageSize = 200

/** What every list takes: newest first, `cursor` from the page before. */
export const PageQuery = z.strictObject({
  /** Made by the server; nothing in it is promised. */
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,128}$/, 'must be a cursor of an earlier page')
    .optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(1, 'must be at least 1').max(maxPageSize, `must be at most ${maxPageSize}`))
    .optional(),
})

/** A page of a list. `nextCursor` is null on the last one. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** A Beijing day. */
export const BillDate = z.iso.date('must be a day, yyyy-MM-dd')
