import { insertAuthorisation } from '../storage/authorisations.ts'
import { reserveCall } from '../storage/callBudgets.ts'
import { newSecret, newState, secretShape } from '../support/secrets.ts'
import type { AccountContext } from './accountContext.ts'
import type { AccountKeys } from '../config/readWechatAccounts.ts'

/** Somebody who is asked at WeChat's side is back within seconds; ten minutes leave room for a slow phone. */
export const authorisationMs = 600_000

/** Where WeChat sends browsers back to. */
export const callbackPath = '/wechat/oauth/callback'

/** Phones of one network share an address: a hundred at once, and two in a second after that. */
const perAddress = { perSecond: 2, horizonMs: 50_000 }

export interface BeginAuthorisationInput {
  /** A page of ours, checked. */
  returnPath: string
  /** What the browser's cookie holds: two tabs at once share it. null, or anything that is none of ours, gets a new one. */
  browser: string | null
  clientAddress: string
}

/** @returns where to send the browser, and what its cookie must hold when it is back; null when too many come from this address */
export async function beginAuthorisation(
  { db, clock, config, publicUrl }: AccountContext,
  { appId }: AccountKeys,
  { returnPath, browser: known, clientAddress }: BeginAuthorisationInput,
): Promise<{ url: string; browser: string } | null> {
  const place = await reserveCall(db, { name: `authorise ${clientAddress}`, ...perAddress })
  if (place === undefined) return null
  const browser = known !== null && secretShape.test(known) ? known : newSecret()
  const state = newState()
  const createdAt = clock.now()
  const expiresAt = new Date(createdAt.getTime() + authorisationMs)
  await insertAuthorisation(db, { state, browser, appId, returnPath, createdAt, expiresAt })
  return { url: authoriseUrl({ openUrl: config.openUrl, redirectUri: publicUrl + callbackPath, appId, state }), browser }
}

/** WeChat's page wants its parameters in this order (chapter 网页授权), and the fragment. */
function authoriseUrl({ openUrl, redirectUri, appId, state }: Record<'openUrl' | 'redirectUri' | 'appId' | 'state', string>): string {
  const redirect = encodeURIComponent(redirectUri)
  const query = `appid=${appId}&redirect_uri=${redirect}&response_type=code&scope=snsapi_base&state=${state}`
  return `${openUrl}/connect/oauth2/authorize?${query}#wechat_redirect`
}
