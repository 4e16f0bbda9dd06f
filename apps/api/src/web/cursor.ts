import { z } from 'zod'

/** What a list goes on from, by list. Each has its own form, so that the cursor of one list is refused by another. */
const keys = {
  orders: /^\d{1,18}$/,
  refunds: /^\d{1,18}$/,
  events: /^\d{1,18}$/,
  'events-after': /^\d{1,18}$/,
  bills: /^\d{4}-\d{2}-\d{2} \d{1,18}$/,
  discrepancies: /^\d{1,18}$/,
} as const

export type List = keyof typeof keys

/** Where a page ended: opaque to callers, so that lists may come to be sorted otherwise. */
export interface Position {
  list: List
  key: string
}

export function cursorOf({ list, key }: Position): string {
  return Buffer.from(`${list} ${key}`).toString('base64url')
}

/** @returns null for what cursorOf has not made for one of these lists */
function positionOf(cursor: string, lists: readonly List[]): Position | null {
  const text = Buffer.from(cursor, 'base64url').toString()
  const [name = ''] = text.split(' ')
  const list = lists.find((known) => known === name)
  const key = text.slice(name.length + 1)
  return list !== undefined && keys[list].test(key) && isRealDay(key) ? { list, key } : null
}

/** The parameter of a list's query. */
export function cursorParam(...lists: List[]) {
  return z
    .string()
    .transform((cursor, ctx) => {
      const position = positionOf(cursor, lists)
      if (position) return position
      ctx.addIssue({ code: 'custom', message: 'must be a cursor of an earlier page of this list' })
      return z.NEVER
    })
    .optional()
}

/** The database takes no other for a day. */
function isRealDay(key: string): boolean {
  const [day = ''] = key.split(' ')
  return !day.includes('-') || z.iso.date().safeParse(day).success
}
