import pg from 'pg'

/** One statement on a connection of its own. */
export async function query(
  config: pg.ClientConfig,
  statement: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(config)
  // A server that is killed meanwhile fails the statement; its second report must not end the test process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement, [...values])).rows
  } finally {
    await client.end()
  }
}
