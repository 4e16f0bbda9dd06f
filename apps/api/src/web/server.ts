import { createServer, type Server, type ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type Koa from 'koa'
import type { RequestState } from './state.ts'

export interface ServerOptions {
  app: Koa<RequestState>
  host: string
  port: number
  /** Called once no new connection is taken: answers the requests that are held (R26). */
  releaseHeld(): Promise<void>
  /** How long requests under way may take after that, in milliseconds. */
  drainMs?: number
  /** How long a connection with a request may be silent, in milliseconds. */
  silentMs?: number
}

export interface RunningServer {
  /** With the port that was found when 0 was asked for. */
  url: string
  /** Takes no more connections, lets what is under way finish, then cuts what is left. */
  stop(): Promise<void>
}

const limits = {
  // Longer than a proxy keeps its idle connections (60 s in common ones): else it sends into one that we are closing.
  keepAliveTimeout: 75_000,
  headersTimeout: 15_000,
  // To receive a request, not to answer it: bodies are small.
  requestTimeout: 30_000,
  maxHeaderSize: 16_384,
}

/** Polls are held for 25 s at most: a longer silence is a caller that does not read its answer, or is not there any more. */
const defaultSilentMs = 60_000

/** Ten thousand pages reconnect within a second after a restart; the kernel caps it at its own limit. */
const backlog = 4096

/** Under a stream of new connections the last one never comes. */
const takeWaitingMs = 1_000

/** @throws {Error} when the address is in use or not ours */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { app, host, port, releaseHeld, drainMs = 10_000, silentMs = defaultSilentMs } = options
  const respond = app.callback()
  const unfinished = new Set<ServerResponse>()
  let stopping = false
  const server = createServer(limits, (request, response) => {
    unfinished.add(response)
    if (stopping) response.shouldKeepAlive = false
    response.once('close', () => unfinished.delete(response))
    void respond(request, response)
  })
  server.timeout = silentMs
  await listen(server, host, port)

  async function stop(): Promise<void> {
    // "Connection: close" in each answer: the other side must not send its next request here.
    stopping = true
    await takeWaiting(server)
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const response of unfinished) response.shouldKeepAlive = false
    await releaseHeld()
    const closeIdle = setInterval(() => server.closeIdleConnections(), 50)
    const cutOff = setTimeout(() => server.closeAllConnections(), drainMs)
    await closed
    clearInterval(closeIdle)
    clearTimeout(cutOff)
  }

  return { url: addressOf(server, host), stop }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** The kernel resets connections that are made but not taken when we stop listening: those that wait are taken first. */
async function takeWaiting(server: Server): Promise<void> {
  const giveUpAt = performance.now() + takeWaitingMs
  let taken = true
  const onConnection = () => {
    taken = true
  }
  server.on('connection', onConnection)
  while (taken && performance.now() < giveUpAt) {
    taken = false
    await nextTurn() // ends the turn that is under way
    await nextTurn() // has asked the kernel once
  }
  server.off('connection', onConnection)
}

function addressOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
