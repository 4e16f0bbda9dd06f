/** Koa and its router with two trivial middlewares, always the same answer. */
import { createServer } from 'node:http'
import Router from '@koa/router'
import Koa from 'koa'
import { answerParent } from './tasks.ts'

export interface Answer {
  headers: Record<string, string>
  body: string
}

async function serve({ headers, body }: Answer): Promise<number> {
  const router = new Router()
  router.get('/v1/checkouts/:token/status', (ctx) => {
    ctx.body = body
  })
  const app = new Koa()
  app.use(async (ctx, next) => {
    const startedAt = performance.now()
    await next()
    ctx.state['ms'] = performance.now() - startedAt
  })
  app.use((ctx, next) => {
    ctx.set(headers)
    return next()
  })
  app.use(router.routes())
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  server.keepAliveTimeout = 75_000 // as the API: Node tells it with every answer
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has a port')
  return address.port
}

answerParent({ serve })
