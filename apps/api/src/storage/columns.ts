import type { ColumnType } from 'kysely'

/** Written once. */
export type Fixed<T> = ColumnType<T, T, never>
/** A bigint made by the database; text in JavaScript. */
export type Identity = ColumnType<string, never, never>
