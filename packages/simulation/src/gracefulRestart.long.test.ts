import { describe, expect, it, onTestFinished } from 'vitest'
import { readBooks } from './testing/books.ts'
import { type FrontDoor, openFrontDoor } from './testing/frontDoor.ts'
import { freePorts } from './testing/freePorts.ts'
import { inParallel } from './testing/inParallel.ts'
import type { ServerProcess } from './testing/serverProcess.ts'
import { acknowledges } from './testing/protocol.ts'
import { readSettings } from './testing/settings.ts'
import { settle } from './testing/settle.ts'
import { shopClient } from './testing/shopClient.ts'
import { apiProcess, type Stack } from './testing/stack.ts'
import { stackOfTest } from './testing/stackOfTest.ts'
import { strictClient } from './testing/strictClient.ts'
import { visitors } from './testing/visitors.ts'

const {
  env,
  seed,
  protocols: [protocol],
} = readSettings(process.env)
/** Each restarts both processes, one after the other. */
const rounds = 5
const watchers = 40
const lanes = 4
const longest = 1_800_000

describe('a rolling restart', () => {
  it(
    'R26 loses nothing and breaks no request under load: shoppers, waiting pages and notices go on',
    async () => {
      const { stack, door, processes } = await startPair()
      const client = strictClient(door.url)
      const crowd = visitors(client, stack.control)
      await inParallel(lanes, watchers, () => crowd.visit({ pays: false }))

      const over = new AbortController()
      const load = inParallel(lanes, lanes, async () => {
        while (!over.signal.aborted) await crowd.visit({ pays: true })
      })
      const exitCodes: (number | null)[] = []
      const waitingAtStop: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        for (const { server, port } of processes) {
          // As a balancer does it: first no new connection, then the signal. The kernel resets what nobody has accepted yet.
          await door.retire(port)
          waitingAtStop.push(crowd.waiting())
          exitCodes.push(await server.stop())
          server.start()
          await server.ready()
          door.admit(port)
        }
      }
      over.abort()
      await load
      await settle(stack.control, shopClient(door.url, { onAnswer: () => undefined }), crowd.paidTokens)
      // Ends the 40 pages that are still waiting: a restart answers them, too.
      const left = crowd.leave()
      for (const { server } of processes) exitCodes.push(await server.stop())
      await left
      stack.api.start()
      await stack.api.ready()

      const books = await readBooks(stack.postgres, stack.control)
      const deliveries = books.mockNotices.flatMap(({ attempts }) => attempts)
      const failed = deliveries.filter((answer) => !acknowledges(protocol, answer))
      process.stdout.write(`
graceful restarts, SEED=${seed}, protocol ${protocol}: ${exitCodes.length} SIGTERMs, ${crowd.paidTokens.length} payments, ${crowd.polls()} polls answered
  waiting pages at each SIGTERM  ${waitingAtStop.join(', ')}
  answers                        ${[...client.answers].map(([status, count]) => `${status}: ${count}`).join(', ')}
  broken requests                ${client.broken.length}
  deliveries of notices          ${deliveries.length}, repeated ${failed.length} ${JSON.stringify(failed.slice(0, 3))}
`)
      expect(client.broken).toEqual([])
      expect([...client.answers.keys()].toSorted((a, b) => a - b)).toEqual([200, 201])
      expect(exitCodes).toEqual(exitCodes.map(() => 0))
      expect(crowd.paidTokens.length).toBeGreaterThan(rounds)
      const paid = new Set(books.orders.filter(({ status }) => status === 'paid').map(({ token }) => token))
      expect(crowd.paidTokens.filter((token) => !paid.has(token))).toEqual([])
      expect(books.mockNotices.filter(({ state }) => state !== 'acknowledged')).toEqual([])
      await client.close()
    },
    longest,
  )
})

interface Pair {
  stack: Stack
  door: FrontDoor
  /** Two processes on one database, behind the door. */
  processes: { server: ServerProcess; port: number }[]
}

async function startPair(): Promise<Pair> {
  const [port = 0, otherPort = 0] = await freePorts(2)
  const door = await openFrontDoor([port, otherPort])
  onTestFinished(door.close)
  const settings = { QR_LIFE_SECONDS: '3600', TRADE_LIFE_SECONDS: '7200' }
  const stack = await stackOfTest({ env, protocol, settings, apiPort: port, publicUrl: door.url })
  const otherEnv = { ...stack.apiEnv, PORT: String(otherPort) }
  const other = apiProcess({ name: 'api-2', url: `http://127.0.0.1:${otherPort}`, env: otherEnv, dataDir: stack.dataDir })
  onTestFinished(() => void other.stop())
  other.start()
  await other.ready()
  return {
    stack,
    door,
    processes: [
      { server: stack.api, port },
      { server: other, port: otherPort },
    ],
  }
}
