import type { AppMiddleware } from '../state.ts'

const address = /^\/MP_verify_([A-Za-z0-9]{16})\.txt$/

/** The files by which WeChat sees that a domain is the merchant's: their name has what they hold (chapter 网页授权). */
export function domainProofs(proofs: readonly string[]): AppMiddleware {
  return async (ctx, next) => {
    const proof = address.exec(ctx.path)?.[1]
    const isRead = ctx.method === 'GET' || ctx.method === 'HEAD'
    if (!isRead || proof === undefined || !proofs.includes(proof)) return next()
    ctx.state.route = '/MP_verify_:proof.txt'
    ctx.type = 'text/plain; charset=utf-8'
    ctx.body = proof
  }
}
