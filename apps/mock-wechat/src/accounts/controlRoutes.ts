import Router from '@koa/router'
import type { z } from 'zod'
import { loopbackOnly, readJson } from '../control/guard.ts'
import { ControlProblem, presentProblems, readWith } from '../control/problem.ts'
import { AccountSettings, type Account } from './account.ts'
import type { Owned } from './accounts.ts'
import { AccountsBody, idleFaults, LoginBody, PushBody } from './controlSchemas.ts'
import { presentAccount, presentOwner, presentPush } from './controlViews.ts'
import { findPerson, openidOf, type Person } from './people.ts'
import { pushFaults } from './push/envelope.ts'
import { messageFields, type Happening } from './push/message.ts'
import type { Push, Pusher } from './push/pusher.ts'
import type { Sender } from './push/send.ts'
import { checkServer } from './push/serverCheck.ts'
import type { WechatSide } from './wechatSide.ts'

export interface AccountControl {
  wechat: WechatSide
  pusher: Pusher
  sender: Sender
}

/** The accounts' part of the control side. */
export function accountControlRoutes(dependencies: AccountControl): Router {
  const router = new Router({ prefix: '/_control' })
  router.use(presentProblems, loopbackOnly)
  consoleRoutes(router, dependencies)
  pushRoutes(router, dependencies)

  /** wx.login. */
  router.post('/miniprogram/code', async (ctx) => {
    const { appid, openid: reference, blocked } = readWith(LoginBody, await readJson(ctx))
    const { account } = mustFind(dependencies.wechat, appid)
    if (account.kind !== 'mini-program') throw new ControlProblem(409, 'not_a_mini_program', 'wx.login exists in mini programs only')
    const person = mustKnow(appid, reference)
    const openid = openidOf(person.id, appid)
    const code = dependencies.wechat.codes.issue({ appid, from: 'login', personId: person.id, openid, scope: 'snsapi_base', blocked })
    ctx.status = 201
    ctx.body = { code, openid }
  })

  return router
}

/** What the owner of an account sets in its console. */
function consoleRoutes(router: Router, { wechat, sender }: AccountControl): void {
  const { accounts, clock } = wechat

  /** A new messagesUrl is asked first, as the console does; when it fails nothing is saved. */
  router.post('/accounts', async (ctx) => {
    const body = readWith(AccountsBody, await readJson(ctx))
    const { owner, account } = findOwned(wechat, body)
    const patch = AccountSettings.parse(body)
    if (patch.messagesUrl && body.check) {
      const problem = await checkServer(patch.messagesUrl, { token: patch.token ?? account.token }, sender, clock.realNow())
      if (problem !== null) throw new ControlProblem(409, 'server_check_failed', problem)
    }
    accounts.change(account.appid, patch)
    const { scanUrl = owner.scanUrl, h5Domains = owner.h5Domains, refundUrl = owner.refundUrl } = body
    accounts.changeOwner(owner.mchid, { scanUrl, h5Domains, refundUrl })
    const changed = mustFind(wechat, account.appid)
    const { accounts: _, ...rest } = presentOwner(changed.owner)
    ctx.body = { mchid: owner.mchid, ...rest, account: presentAccount(changed.account, owner.mchid) }
  })
}

function findOwned(wechat: WechatSide, { appid, mchid }: Pick<z.output<typeof AccountsBody>, 'appid' | 'mchid'>): Owned {
  if (appid !== undefined) return mustFind(wechat, appid)
  const [official] = wechat.accounts.of(mchid ?? '')?.accounts ?? []
  return mustFind(wechat, official?.appid ?? '')
}

function pushRoutes(router: Router, { wechat, pusher }: AccountControl): void {
  const { accounts, clock } = wechat

  /** Answers when the merchant has answered, or three attempts are through. */
  router.post('/push', async (ctx) => {
    const body = readWith(PushBody, await readJson(ctx))
    const { account } = mustFind(wechat, body.appid)
    const { messagesUrl: url, originalId } = account
    if (url === null) throw new ControlProblem(409, 'no_messages_url', 'the account has no messagesUrl: POST /_control/accounts sets it')
    if (body.event !== undefined && account.kind === 'mini-program')
      throw new ControlProblem(409, 'not_an_official_account', 'nobody follows a mini program, and it has no menu')
    const { mode, format } = { mode: body.mode ?? account.mode, format: body.format ?? account.format }
    const idle = idleFaults(body, { mode, format }).map((fault) => ({
      param: 'faults',
      message: `${fault} does nothing with ${mode} and ${format}`,
    }))
    if (idle.length > 0) throw new ControlProblem(400, 'invalid', 'the request is not as it should be', idle)

    const person = mustKnow(account.appid, body.openid)
    const openid = openidOf(person.id, account.appid)
    follow(account, person, body.event)
    const createTime = Math.floor(clock.realNow() / 1000)
    const fields = new Map([...messageFields(happeningOf(body), { originalId, openid, createTime }), ...Object.entries(body.fields)])
    ctx.body = presentPush(await pusher.push({ account, url, openid, mode, format, faults: body.faults, fields }))
  })

  router.get('/pushes', (ctx) => {
    ctx.body = { items: pusher.list().map(presentPush), faults: pushFaults }
  })

  /** Somebody has recorded a push, and sends the very same bytes again. */
  router.post('/pushes/:id/replay', async (ctx) => {
    const push = pusher.find(ctx.params['id'] ?? '')
    if (!push) throw new ControlProblem(404, 'unknown_push', 'no push has this id')
    ctx.body = presentPush(await pusher.replay(push, accountOf(push)))
  })

  const accountOf = ({ appid }: Push): Account => mustFind(wechat, appid).account

  function follow({ appid, followers }: Account, { id }: Person, event: PushBody['event']): void {
    const others = followers.filter((follower) => follower !== id)
    if (event === 'subscribe') accounts.change(appid, { followers: [...others, id] })
    if (event === 'unsubscribe') accounts.change(appid, { followers: others })
  }
}

const happeningOf = ({ event, key, text }: PushBody): Happening =>
  event === undefined ? { type: 'text', text: text ?? '' } : { type: 'event', event, key }

function mustFind({ accounts }: WechatSide, appid: string): Owned {
  const found = accounts.find(appid)
  if (!found) throw new ControlProblem(404, 'unknown_account', 'no account of this mock has this appid or mchid')
  return found
}

function mustKnow(appid: string, reference: string | undefined): Person {
  const person = findPerson(appid, reference)
  if (!person) throw new ControlProblem(404, 'unknown_user', 'no test user has this id, or this openid under this appid')
  return person
}
