import { sql } from 'kysely'
import type pg from 'pg'

/** Sent this often, a statement is worth a plan that is kept. A process has a few dozen of them, and sends them all day. */
const worthKeeping = 5

/** Plans take memory in the server, on every connection. */
const mostKept = 200

/** Lists of different lengths make different statements: what is counted does not grow without end. */
const mostCounted = 2_000

/**
 * A star that is neither count(*) nor a comment's. The columns of a kept plan may not change: PostgreSQL refuses the statement then. They would
 * in the older of two versions that run side by side, when the newer one's migration adds a column.
 */
const allColumns = /(?<!\/)\*(?![)/])/

const mark = '/* planned each time */'

/** Ends a statement whose best plan depends on its values: on an address that is many people's or one's, on how few rows it may take. */
export const plannedEachTime = sql.raw(mark)

/** What PostgreSQL says of a kept plan that it cannot use (any more): its columns have changed; it is not there. */
const unusable = new Set(['0A000', '26000'])

/**
 * Lets every connection of a pool keep the plans of the statements that come often: parsing and planning is two fifths of what PostgreSQL
 * spends on a notice. Not for a pool whose statements are planned best for their values, such as comparisons of bills.
 *
 * Nothing else changes. PostgreSQL itself plans a kept statement for its values when that looks better, and anew when its tables change.
 */
export function keepPlans(pool: pg.Pool): void {
  const nameOf = nameOften()
  pool.on('connect', (client) => {
    let keeps = true
    client.query = new Proxy(client.query, {
      apply(query, self, args: unknown[]): unknown {
        const [text, values, ...others] = args
        const name = keeps && typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined
        if (name === undefined) return Reflect.apply(query, self, args)
        const answer: unknown = Reflect.apply(query, self, [{ name, text, values }, ...others])
        // The statement has failed, and its caller hears of it; those after it must not.
        if (answer instanceof Promise) void answer.catch((error: unknown) => (keeps &&= !unusable.has(codeOf(error))))
        return answer
      },
    })
  })
}

/** Gives a statement its name, the same on every connection, when it has come often enough. */
function nameOften(): (text: string) => string | undefined {
  const statements = new Map<string, { sent: number; name: string | undefined }>()
  let kept = 0

  function remember(text: string): { sent: number; name: string | undefined } {
    if (statements.size >= mostCounted) for (const [other, { name }] of statements) if (name === undefined) statements.delete(other)
    const statement = { sent: 0, name: undefined }
    statements.set(text, statement)
    return statement
  }

  return (text) => {
    const statement = statements.get(text) ?? remember(text)
    statement.sent += 1
    if (statement.name === undefined && statement.sent > worthKeeping && kept < mostKept && mayBeKept(text)) {
      kept += 1
      statement.name = `kept_${kept}`
    }
    return statement.name
  }
}

function mayBeKept(text: string): boolean {
  return !text.includes(mark) && !allColumns.test(text)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
