import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type pg from 'pg'
import { onTestFinished } from 'vitest'

/** PostgreSQL's NotificationResponse (chapter "Message Formats"). */
const notification = 'A'.charCodeAt(0)

/**
 * A way to the database that passes everything on but notifications, once it is deaf: what a pooler in transaction mode does to them.
 * Ends with its test.
 */
export async function startDeafProxy(database: pg.PoolConfig): Promise<{ config: pg.PoolConfig; setDeaf(on: boolean): void }> {
  let deaf = false
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(`${database.host}/.s.PGSQL.${database.port}`)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
    }
    client.pipe(upstream)
    upstream.on(
      'data',
      messagesInto((message) => (deaf && message[0] === notification) || client.write(message)),
    )
    upstream.on('end', () => client.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { config: { ...database, host: '127.0.0.1', port }, setDeaf: (on) => void (deaf = on) }
}

/** Cuts the stream into messages: one byte of type, then the length, which counts itself (chapter "Message Flow"). */
function messagesInto(pass: (message: Buffer) => unknown): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
      const end = 1 + rest.readUInt32BE(1)
      pass(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
  }
}
