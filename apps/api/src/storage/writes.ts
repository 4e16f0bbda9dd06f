import { sql, type OperationNodeSource, type RawBuilder } from 'kysely'
import type { Tx } from './database.ts'
import { StaleWriteError } from './staleWriteError.ts'

/** Statements that go to the server together: a notice waits for every journey there and back. */
export interface Writes {
  readonly tx: Tx
  /** @param statement - an INSERT, UPDATE or DELETE; no two of a batch may touch the same row, and none sees what another has written */
  add(statement: OperationNodeSource): void
  /** @param statement - must change one row and RETURN something of it. @param what - its name, for the error when it does not */
  addGuarded(statement: OperationNodeSource, what: string): void
  /** A function to call once, such as pg_notify. */
  call(expression: RawBuilder<unknown>): void
  /** Sends what was added since it was called last, as one statement. @throws {StaleWriteError} when a guarded one has missed; the transaction must end then */
  send(): Promise<void>
}

export function collectWrites(tx: Tx): Writes {
  let statements: { statement: OperationNodeSource; guards: string | undefined }[] = []
  let calls: RawBuilder<unknown>[] = []

  async function send(): Promise<void> {
    if (statements.length + calls.length === 0) return
    const [sent, called] = [statements, calls]
    statements = []
    calls = []
    const parts = sent.map(({ statement }, index) => sql`${sql.ref(nameOf(index))} AS (${statement})`)
    const before = parts.length > 0 ? sql`WITH ${sql.join(parts)} ` : sql``
    const guarded = sent.flatMap(({ guards }, index) => (guards === undefined ? [] : [{ what: guards, name: nameOf(index) }]))
    const counts = guarded.map(({ name }) => sql`(SELECT count(*)::int FROM ${sql.ref(name)}) AS ${sql.ref(name)}`)
    const { rows } = await sql<Record<string, unknown>>`${before}SELECT ${sql.join([...counts, ...called, sql`1 AS sent`])}`.execute(tx)
    const missed = guarded.find(({ name }) => rows[0]?.[name] !== 1)
    if (missed) throw new StaleWriteError(missed.what)
  }

  return {
    tx,
    add: (statement) => void statements.push({ statement, guards: undefined }),
    addGuarded: (statement, what) => void statements.push({ statement, guards: what }),
    call: (expression) => void calls.push(expression),
    send,
  }
}

function nameOf(index: number): string {
  return `write_${index}`
}
