import type { Contender } from '../harness/contender.ts'
import { openLoad, rawRequest, type Load, type RawAnswer } from '../load/http.ts'
import { startBare } from '../servers/bareProcess.ts'
import { cpuMsOf } from '../servers/cpuTime.ts'
import { openCheckout } from '../servers/openCheckout.ts'
import { expectSame } from './expectSame.ts'
import type { ShopBenchmark } from './onShop.ts'

/** Enough to keep one core busy. */
const atOnce = 32

export const status: ShopBenchmark = {
  name: 'status',
  path: `GET …/status, version behind, answered at once; ${atOnce} connections`,
  plan: { rounds: 9, warmUps: 5, count: 4_000, budgetMs: 20_000, clock: 'wall' },
  protocol: 'v2',
  async openOn({ apiPort, cores, cpuMs }, closers) {
    const { token } = await openCheckout(apiPort)
    // The first version of an order is behind as soon as its code is there.
    const request = rawRequest('GET', `/v1/checkouts/${token}/status?version=1&wait=25`, {})
    const api = closers.add(await openLoad(apiPort, atOnce))
    const answer = await api.ask(request)
    const bare = closers.add(startBare('koa.ts', cores?.server))
    const koaPort = Number(await bare.ask('serve', { headers: headersOf(answer), body: answer.body.toString('utf8') }))
    const koa = closers.add(await openLoad(koaPort, atOnce))
    const name = 'Koa and @koa/router with two trivial middlewares, same bytes'
    const side = { ...sending(koa, request), cpuMs: cpuMs ? () => cpuMsOf([bare.pid]) : undefined }
    return {
      ours: { ...sending(api, request), cpuMs: cpuMs?.api },
      baselines: [{ name, goal: { must: 0.6, aim: 0.85 }, side }],
      check: async () => expectSame({ ours: shapeOf(await api.ask(request)), koa: shapeOf(await koa.ask(request)) }),
    }
  },
}

function sending(load: Load, request: Buffer): Contender {
  return { run: (count) => load.send(Array.from({ length: count }, () => request)) }
}

/** Node itself writes these. */
const ofNode = new Set(['date', 'connection', 'keep-alive', 'content-length'])

function headersOf({ head }: RawAnswer): Record<string, string> {
  const lines = head.split('\r\n').slice(1)
  const pairs = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
  return Object.fromEntries(pairs.filter(([name]) => !ofNode.has(name.toLowerCase())))
}

/** All but what differs from one answer to the next: the countdown and the request's own number. */
function shapeOf(answer: RawAnswer) {
  const body = answer.body.toString('utf8').replaceAll(/\d/g, '0')
  return { status: answer.status, bytes: answer.head.length + answer.body.length, headers: Object.keys(headersOf(answer)).toSorted(), body }
}
