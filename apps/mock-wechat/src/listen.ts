import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Identity } from './tls/identity.ts'

export interface Listener {
  url: string
  /** Until this is called, everybody is asked to come back. */
  answerWith(handle: Handle): void
  /** Calls under way may end; what a fault keeps open on purpose is cut. */
  close(): Promise<void>
}

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown

const stopGraceMs = 500

/** Longer than usual clients keep an idle connection: they close first, and no call runs into a closing one. */
const keepAliveTimeout = 75_000

/** @param identity - makes it TLS: callers are asked for a certificate, and may have none */
export async function listen({ host, port }: { host: string; port: number }, identity?: Identity): Promise<Listener> {
  let handle: Handle = (_request, response) => response.writeHead(503).end()
  const answer: Handle = (request, response) => void handle(request, response)
  const server = identity
    ? createTlsServer(
        { keepAliveTimeout, cert: identity.certificate, key: identity.privateKey, requestCert: true, rejectUnauthorized: false },
        answer,
      )
    : createServer({ keepAliveTimeout }, answer)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  const shown = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host
  return {
    url: `${identity ? 'https' : 'http'}://${shown.includes(':') ? `[${shown}]` : shown}:${portOf(server)}`,
    answerWith: (next) => {
      handle = next
    },
    close: () => close(server),
  }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const impatience = setTimeout(() => server.closeAllConnections(), stopGraceMs)
  await closed
  clearTimeout(impatience)
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
