import Koa from 'koa'
import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { openAccountSide } from '../accounts/accountSide.ts'
import { createClock } from '../clock.ts'
import { createRefusals } from '../refusals.ts'
import { temporaryFolder } from './bench.ts'
import { openReceiver, type Reply } from './receiver.ts'

const merchants = [
  { mchid: '1900000001', name: '青禾书店', appids: ['wx00000000000000a1', 'wx00000000000000a2'] },
  { mchid: '1900000002', name: '海图咖啡', appids: ['wx00000000000000b1', 'wx00000000000000b2'] },
]

const Answer = z.record(z.string(), z.unknown())
export const wechatAgent = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.49'

/** The account side alone, on a free port, with a clock that stands still until it is moved. Stops with the test. */
export async function openAccountBench({ dir = temporaryFolder(), pushTimeoutMs = 5_000 } = {}) {
  const start = Date.now()
  const clock = createClock(() => start)
  const refusals = createRefusals({ info: () => undefined })
  const side = openAccountSide({ dir, merchants, clock, refusals, pushTimeoutMs })
  const app = new Koa({ env: 'test' })
  for (const router of side.routers) app.use(router.routes())
  const url = await listen(app)
  onTestFinished(() => side.close())

  const [owner] = side.accounts.all()
  const [official, mini] = owner?.accounts ?? []
  if (!owner || !official || !mini) throw new Error('the mock has no accounts')

  /** A call of the API: WeChat answers everything with 200. */
  async function api(path: string, query: Record<string, string> = {}, init: RequestInit = {}): Promise<Record<string, unknown>> {
    const response = await fetch(`${url}${path}?${new URLSearchParams(query).toString()}`, init)
    if (response.status !== 200) throw new Error(`HTTP ${response.status}`)
    return Answer.parse(await response.json())
  }

  async function control(path: string, body?: unknown): Promise<{ status: number; json: Record<string, unknown> }> {
    const init = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(`${url}/_control/${path}`, init)
    return { status: response.status, json: Answer.parse(await response.json()) }
  }

  /** The page as WeChat's browser opens it; redirects are shown, not followed. `query` may be in any order. */
  const authorize = (query: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${url}/connect/oauth2/authorize?${query}`, { redirect: 'manual', ...init, headers: { 'user-agent': wechatAgent, ...headers } })

  return { url, dir, owner, official, mini, side, clock, refusals, api, control, authorize, advance: advance(clock) }
}

export type AccountBench = Awaited<ReturnType<typeof openAccountBench>>

const advance = (clock: ReturnType<typeof createClock>) => (ms: number) => clock.setOffset(clock.offsetMs() + ms)

async function listen(app: Koa): Promise<string> {
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

/** A merchant's message address: remembers what came, answers as it is told. The server check passes. */
export async function openInbox(reply: Reply = (response) => void response.end('success')) {
  const requests: { url: URL; contentType: string | undefined; body: string }[] = []
  const receiver = await openReceiver((response, body, request) => {
    const url = new URL(request.url ?? '', 'http://inbox')
    if (request.method === 'GET') return void response.end(url.searchParams.get('echostr'))
    requests.push({ url, contentType: request.headers['content-type'], body })
    answer(response, body, request)
  })
  let answer = reply
  return {
    url: receiver.url.replace('/notices', '/wechat/messages'),
    requests,
    answerWith: (next: Reply) => {
      answer = next
    },
  }
}
