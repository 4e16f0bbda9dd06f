import { connect, createServer, type Socket } from 'node:net'

/** One address in front of several processes, as a load balancer is: connections go round, past whoever does not listen. */
export interface FrontDoor {
  readonly url: string
  /** Sends no new connection there; those that are made stay. Resolves when none is in the making. */
  retire(port: number): Promise<void>
  admit(port: number): void
  close(): Promise<void>
}

/** @param ports - on this machine. A connection that was made is never moved: its end is its client's end. */
export async function openFrontDoor(ports: readonly number[]): Promise<FrontDoor> {
  const open = new Set(ports)
  let turn = 0
  const sockets = new Set<Socket>()
  const making = new Map<Socket, { port: number; settled: Promise<unknown> }>()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client)
    const inOrder = [...open]
    const first = ++turn % Math.max(inOrder.length, 1)
    tryNext(client, [...inOrder.slice(first), ...inOrder.slice(0, first)])
  })

  function tryNext(client: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) {
      client.resetAndDestroy()
      return
    }
    const backend = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    keep(backend)
    const settled = new Promise((resolve) => backend.once('connect', resolve).once('close', resolve))
    making.set(backend, { port, settled: settled.then(() => making.delete(backend)) })
    const nobodyThere = () => tryNext(client, others)
    backend.once('error', nobodyThere)
    backend.once('connect', () => {
      backend.off('error', nobodyThere)
      join(client, backend)
    })
  }

  function keep(socket: Socket): void {
    sockets.add(socket)
    // Each end hears of the other's fault by its own close.
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  }

  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has a port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async retire(port) {
      open.delete(port)
      await Promise.all([...making.values()].filter((one) => one.port === port).map((one) => one.settled))
    },
    admit: (port) => void open.add(port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function join(client: Socket, backend: Socket): void {
  client.pipe(backend)
  backend.pipe(client)
  backend.once('error', () => client.resetAndDestroy())
  client.once('error', () => backend.destroy())
}
