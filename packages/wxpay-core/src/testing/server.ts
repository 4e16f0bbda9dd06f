import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface Received {
  method: string | undefined
  path: string | undefined
  contentType: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

export interface TestServer {
  url: string
  /** Every request that arrived whole, oldest first. */
  received: Received[]
  close(): Promise<void>
}

export type Behaviour = (response: ServerResponse, received: Received, request: IncomingMessage) => void

/** A server on a free loopback port that reads each request and then behaves as told. */
export async function startServer(behave: Behaviour): Promise<TestServer> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method, url: path, headers } = request
      const entry = { method, path, contentType: headers['content-type'], headers, body: body.toString('utf8') }
      received.push(entry)
      behave(response, entry, request)
    })
  })
  const port = await listen(server)
  return { url: `http://127.0.0.1:${port}`, received, close: () => closeAll(server) }
}

/** An address on which nothing listens: the port was free a moment ago. */
export async function refusingUrl(): Promise<string> {
  const server = await startServer((response) => response.end())
  await server.close()
  return server.url
}

/** Cuts the connection without a farewell: the other side sees ECONNRESET. */
export function reset(request: IncomingMessage): void {
  const socket: Socket = request.socket
  socket.resetAndDestroy()
}

export function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address: AddressInfo | string | null = server.address()
      if (address === null || typeof address === 'string') throw new TypeError('not listening on a port')
      resolve(address.port)
    })
  })
}

export function closeAll(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
