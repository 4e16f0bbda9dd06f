import Router, { type RouterContext } from '@koa/router'
import { maxXmlBytes } from 'wxpay-core/protocol'
import type { AccountCommands } from '../../commands/accountCommands.ts'
import { MessageNotStoredError } from '../../commands/receiveMessage.ts'
import { openPush, openServerCheck, PushRefusedError } from '../../officialAccount/push.ts'
import { nothingToSay, writeReply } from '../../officialAccount/reply.ts'
import type { Clock } from '../../support/clock.ts'
import type { Logger } from '../../support/logger.ts'
import type { Metrics } from '../../support/metrics.ts'
import { isDatabaseAway } from '../databaseAway.ts'
import { readRawBody } from '../rawRequestBody.ts'
import { CallerGoneError, RequestError } from '../requestErrors.ts'
import type { RequestState } from '../state.ts'

export interface MessageRoutesDeps {
  messages: NonNullable<AccountCommands['messages']>
  clock: Clock
  metrics: Pick<Metrics, 'account'>
  logger: Pick<Logger, 'info' | 'warn' | 'error'>
}

type Context = RouterContext<RequestState>

/** WeChat drops the connection after 5 s and sends it again (chapter 被动回复用户消息): the network needs a part of that. */
const answerWithinMs = 4_000

export const messagesPath = '/wechat/messages'

/** Where WeChat tells what happens in the official account's chat. Whatever is refused is counted, and nothing of it is kept. */
export function messageRoutes({ messages, clock, metrics, logger }: MessageRoutesDeps): Router<RequestState> {
  const router = new Router<RequestState>()
  const { settings } = messages

  /** WeChat asks once, when the address is saved in its console. */
  router.get(messagesPath, (ctx) => {
    try {
      send(ctx, 200, openServerCheck(settings, queryOf(ctx), clock.now()))
      metrics.account({ kind: 'push', result: 'accepted', reason: 'server-check' })
    } catch (error) {
      refuse(ctx, error)
    }
  })

  router.post(messagesPath, async (ctx) => {
    const startedAt = performance.now()
    try {
      const raw = await readRawBody(ctx.req, maxXmlBytes)
      const push = openPush(settings, queryOf(ctx), raw, clock.now())
      const { reply, outcome } = await messages.receive(push, answerWithinMs - (performance.now() - startedAt))
      metrics.account({ kind: 'push', result: 'accepted', reason: outcome })
      const text = reply !== null && push.message ? writeReply(settings, push.message, reply, clock.now()) : nothingToSay
      send(ctx, 200, text, text === nothingToSay ? 'text/plain' : 'text/xml')
    } catch (error) {
      refuse(ctx, error)
    }
  })

  function refuse(ctx: Context, error: unknown): void {
    const { status, reason } = refusalOf(error)
    metrics.account({ kind: 'push', result: status === 503 ? 'failed' : 'refused', reason })
    const about = { requestId: ctx.state.requestId, reason }
    if (status === 503) logger.error({ ...about, err: error }, 'a push could not be taken, WeChat will send it again')
    else logger.warn({ ...about, lookAt: whereToLook[reason] }, 'push refused')
    send(ctx, status, 'refused')
  }

  return router
}

function refusalOf(error: unknown): { status: number; reason: string } {
  if (error instanceof PushRefusedError) return { status: badRequests.has(error.reason) ? 400 : 403, reason: error.reason }
  if (error instanceof RequestError)
    return error.code === 'body_too_large' ? { status: 413, reason: 'too-large' } : { status: 400, reason: 'unreadable' }
  if (error instanceof CallerGoneError) return { status: 400, reason: 'cut-off' }
  if (error instanceof MessageNotStoredError || isDatabaseAway(error)) return { status: 503, reason: 'database' }
  return { status: 503, reason: 'error' }
}

const badRequests: ReadonlySet<string> = new Set(['missing-parameter', 'malformed', 'incomplete'])

const whereToLook: Readonly<Partial<Record<string, string>>> = {
  stale: 'the clock of this machine; or somebody has sent an old message again',
  'wrong-signature': 'WECHAT_OA_TOKEN: the official account’s console has it; otherwise it is forged',
  'not-encrypted': 'WECHAT_OA_AES_KEY is set: choose the safe mode in the official account’s console; otherwise it is forged',
  'no-key': 'WECHAT_OA_AES_KEY: the console sends encrypted messages',
  undecryptable: 'WECHAT_OA_AES_KEY and WXPAY_APP_ID',
  malformed: 'the data format in the console has to be XML',
}

function send(ctx: Context, status: number, text: string, type = 'text/plain'): void {
  ctx.status = status
  ctx.type = `${type}; charset=utf-8`
  ctx.body = text
}

function queryOf(ctx: Context): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(ctx.query).map(([name, value]) => [name, typeof value === 'string' ? value : undefined]))
}
