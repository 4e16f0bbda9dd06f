import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import helmet from 'helmet'
import sirv from 'sirv'
import type { AppContext, AppMiddleware } from './state.ts'

/** Where `vite build` leaves the pages. */
export const builtPages = fileURLToPath(new URL('../../../checkout/dist', import.meta.url))

const knownPages: readonly [RegExp, string][] = [
  [/^\/$/, '/'],
  [/^\/pay\/[^/]+$/, '/pay/:token'],
  [/^\/receipt\/[^/]+$/, '/receipt/:token'],
]

const notPages = /^\/(v1|notices)(\/|$)/

/** Vite writes a hash of the content into these names. */
const hashedFile = /^\/assets\//

/** The SPA's one document with a nonce per answer, and its files. Unknown addresses get the document too, as 404: it shows its own page. */
export function pages(directory: string): AppMiddleware {
  const secure = helmet(helmetOptions)
  const serveFile = sirv(directory, {
    dev: true, // looks on the disk each time: a new build is served without a restart, and nothing that is gone is
    etag: true,
    gzip: true,
    brotli: true,
    extensions: [],
    setHeaders(response, path) {
      response.setHeader('Cache-Control', hashedFile.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })

  return async (ctx, next) => {
    const known = knownPages.find(([shape]) => shape.test(ctx.path))
    const isRead = ctx.method === 'GET' || ctx.method === 'HEAD'
    if (!isRead || notPages.test(ctx.path)) return next()
    await applied((done) => secure(ctx.req, ctx.res, done))
    if (!known && (await servedFile(ctx, serveFile))) return
    if (hashedFile.test(ctx.path)) return next()
    ctx.state.route = known?.[1] ?? 'unknown page'
    return sendDocument(ctx, { directory, status: known ? 200 : 404 })
  }
}

const helmetOptions = {
  contentSecurityPolicy: false, // ours has a nonce per answer
  strictTransportSecurity: false, // set for every answer, not only for pages
  referrerPolicy: { policy: 'no-referrer' }, // the address holds the order's token
  xFrameOptions: { action: 'deny' },
} as const

async function sendDocument(ctx: AppContext, { directory, status }: { directory: string; status: number }): Promise<void> {
  const document = await readDocument(directory)
  const nonce = randomBytes(16).toString('base64')
  ctx.status = document === null ? 503 : status
  ctx.type = 'html'
  ctx.set('Content-Security-Policy', contentSecurityPolicy(nonce))
  ctx.set('Permissions-Policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()')
  ctx.body = document === null ? notBuilt : document.replaceAll('__NONCE__', nonce)
}

/** Styles of components are put into the page at run time, with the nonce; nothing else may be inline. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** null: the pages are not built yet. */
async function readDocument(directory: string): Promise<string | null> {
  try {
    return await readFile(join(directory, 'index.html'), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Pages not built</title>
<h1>The checkout pages are not built</h1>
<p>Run <code>npx -y pnpm@12.21.0 --filter checkout build</code>, then reload this page. <code>npx -y pnpm@12.21.0 start</code> does it by itself.</p>
`

/** Whether there was such a file; then it is sent and Koa must not answer. */
async function servedFile(ctx: AppContext, serveFile: ReturnType<typeof sirv>): Promise<boolean> {
  if (ctx.path === '/index.html') return false // only with a nonce in it
  // Part of a file is never asked for by a page, and a range out of order would be an error of ours.
  delete ctx.req.headers.range
  const { promise, resolve } = Promise.withResolvers<boolean>()
  ctx.res.once('close', () => resolve(true))
  serveFile(ctx.req, ctx.res, () => resolve(false))
  const served = await promise
  if (served) {
    ctx.state.route = 'file'
    ctx.respond = false
  }
  return served
}

function applied(middleware: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => middleware((error) => (error === undefined ? resolve() : reject(toError(error)))))
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('a middleware failed', { cause: error })
}
