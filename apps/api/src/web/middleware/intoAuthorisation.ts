import { cookieOf } from '../cookies.ts'
import { isInsideWechat, isNavigation } from '../insideWechat.ts'
import { pageAt } from '../pageAddresses.ts'
import { payerCookie, type FindPayer } from '../payer.ts'
import { readReturnPath } from '../returnPath.ts'
import { askedCookie, startPath } from '../routes/authorisation.ts'
import type { AppContext, AppMiddleware } from '../state.ts'

/** Where somebody pays. */
const payingPages: ReadonlySet<string> = new Set(['/', '/pay/:token'])

/**
 * A payer who opens a page inside WeChat is sent to say who they are: without that there is no JSAPI. Once only: whatever comes of it, the
 * page is shown then, with what else it has to offer. Left out while there is no official account.
 */
export function intoAuthorisation({ findPayer }: { findPayer: FindPayer }): AppMiddleware {
  return async (ctx, next) => {
    if (!wouldHelp(ctx) || (await isKnown(ctx, findPayer))) return next()
    const returnPath = readReturnPath(ctx.url)
    if (returnPath === null) return next()
    ctx.state.route = pageAt(ctx.path) ?? 'unknown page'
    ctx.set('Vary', 'User-Agent, Cookie')
    ctx.redirect(`${startPath}?return=${encodeURIComponent(returnPath)}`)
  }
}

function wouldHelp(ctx: AppContext): boolean {
  if (ctx.method !== 'GET' || !payingPages.has(pageAt(ctx.path) ?? '')) return false
  return isInsideWechat(ctx.headers) && isNavigation(ctx.headers) && cookieOf(ctx, askedCookie) === null
}

async function isKnown(ctx: AppContext, findPayer: FindPayer): Promise<boolean> {
  if (cookieOf(ctx, payerCookie) === null) return false
  try {
    return (await findPayer(ctx)) !== null
  } catch {
    return true // the page is shown without the database, too
  }
}
