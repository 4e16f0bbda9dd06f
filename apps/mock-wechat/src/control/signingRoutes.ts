import Router from '@koa/router'
import type { ControlDependencies } from './dependencies.ts'
import { readJson } from './guard.ts'
import { ControlProblem, readWith } from './problem.ts'
import { RotateBody, SigningBody } from './schemas.ts'
import { presentMerchant } from './views.ts'

/** With which key WeChat signs what it says to a merchant, and how often it only tests whether anybody looks. Without `mchid`: to all of them. */
export function signingRoutes({ merchants, accountSide }: Pick<ControlDependencies, 'merchants' | 'accountSide'>): Router {
  const router = new Router()

  router.post('/signing', async (ctx) => {
    const { mchid, ...wanted } = readWith(SigningBody, await readJson(ctx))
    const signing = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
    ctx.body = { items: named(mchid).map((each) => presentMerchant(merchants.setSigning(each, signing), accountSide)) }
  })

  /** The new certificate signs from now on; the one before it stays listed. */
  router.post('/certificates/rotate', async (ctx) => {
    const { mchid } = readWith(RotateBody, await readJson(ctx))
    const rotated = []
    for (const each of named(mchid)) rotated.push(presentMerchant(await merchants.rotateCertificate(each), accountSide))
    ctx.body = { items: rotated }
  })

  function named(mchid: string | undefined): string[] {
    if (mchid === undefined) return merchants.all.map((merchant) => merchant.mchid)
    if (!merchants.find(mchid)) throw new ControlProblem(404, 'unknown_merchant', 'no merchant of this mock has this number')
    return [mchid]
  }

  return router
}
