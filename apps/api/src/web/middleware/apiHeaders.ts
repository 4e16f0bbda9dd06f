import type { AppMiddleware } from '../state.ts'

/** For every answer; pages and their files replace or add what they need. HSTS only where the shop is on https. */
export function apiHeaders({ https }: { https: boolean }): AppMiddleware {
  const headers = {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer', // the address of a page holds the order's token
    ...(https ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  }
  return (ctx, next) => {
    ctx.set(headers)
    return next()
  }
}
