import type { Page } from '../../domain/records.ts'

/** How far and from where. */
export interface PageWish {
  limit: number
  /** The key of the last one on the page before. */
  from: string | null
}

/** Of rows that were asked for with one more than the page takes. @param keyOf - what the next page goes on from */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  { limit, keyOf, item }: { limit: number; keyOf: (row: Row) => string; item: (row: Row) => Item },
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(item), next: rows.length > limit && last !== undefined ? keyOf(last) : null }
}
