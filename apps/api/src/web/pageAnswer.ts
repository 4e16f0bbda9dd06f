import type { Page } from '../domain/records.ts'
import { cursorOf, type List } from './cursor.ts'

/** A page of a list as the contract has it. */
export function presentPage<Item, View>(
  { items, next }: Page<Item>,
  list: List,
  present: (item: Item) => View,
): { items: View[]; nextCursor: string | null } {
  return { items: items.map(present), nextCursor: next === null ? null : cursorOf({ list, key: next }) }
}
