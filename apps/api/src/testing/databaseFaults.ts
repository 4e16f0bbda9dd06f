import {
  PostgresQueryCompiler,
  type KyselyPlugin,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryResult,
  type RootOperationNode,
  type UnknownRow,
} from 'kysely'
import pg from 'pg'

/** Breaks the first statement that contains a text, as a connection that is lost there would. */
export class FailingPlugin implements KyselyPlugin {
  readonly #text: string
  readonly #compiler = new PostgresQueryCompiler()
  #broken = false

  constructor(text: string) {
    this.#text = text
  }

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    if (!this.#broken && this.#compiler.compileQuery(node, queryId).sql.includes(this.#text)) {
      this.#broken = true
      throw new Error('the database is gone')
    }
    return node
  }

  transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return Promise.resolve(result)
  }
}

/** Where the transaction of a change can break: at each of its locks, before its writes, and when they are done. */
export const placesInChange = [
  { moment: 'before', statement: 'from "orders"' },
  { moment: 'before', statement: 'from "payments" where "order_id"' },
  { moment: 'before', statement: 'AS sent' },
  { moment: 'after', statement: 'AS sent' },
] as const

/** Does something after the first statement that contains a text, before its caller has the rows: what others do between two statements. */
export class InterleavingPlugin implements KyselyPlugin {
  readonly #text: string
  readonly #meanwhile: () => Promise<void>
  readonly #compiler = new PostgresQueryCompiler()
  #queryId: unknown

  constructor(text: string, meanwhile: () => Promise<void>) {
    this.#text = text
    this.#meanwhile = meanwhile
  }

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    if (!this.#queryId && this.#compiler.compileQuery(node, queryId).sql.includes(this.#text)) this.#queryId = queryId
    return node
  }

  async transformResult({ result, queryId }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    if (queryId === this.#queryId) await this.#meanwhile()
    return result
  }
}

/** Locks the order of a payment, on a connection of its own. */
export async function openLock(config: pg.ClientConfig, outTradeNo: string): Promise<{ release: () => void; close: () => Promise<void> }> {
  const client = new pg.Client(config)
  await client.connect()
  await client.query('BEGIN')
  await client.query('SELECT 1 FROM orders WHERE id = (SELECT order_id FROM payments WHERE out_trade_no = $1) FOR UPDATE', [outTradeNo])
  let released: Promise<unknown> | undefined
  const release = (): void => {
    released ??= client.query('COMMIT')
  }
  return {
    release,
    async close() {
      release()
      await released
      await client.end()
    },
  }
}
