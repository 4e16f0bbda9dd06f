import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import helmet from 'helmet'
import { type BuiltFile, type Encoding, readBuiltFiles } from './builtFiles.ts'
import { pageAt } from './pageAddresses.ts'
import type { AppContext, AppMiddleware } from './state.ts'

/** Where `vite build` leaves the pages. */
export const builtPages = fileURLToPath(new URL('../../../checkout/dist', import.meta.url))

const notPages = /^\/(v1|notices|wechat)(\/|$)/

/** Vite writes a hash of the content into these names. */
const hashedFile = /^\/assets\//

const documentPath = '/index.html'

/**
 * The SPA's one document with a nonce per answer, and its files, as they are on the disk now. Unknown addresses get the document too,
 * as 404: it shows its own page.
 */
export function pages(directory: string): AppMiddleware {
  const secure = helmet(helmetOptions)
  const files = readBuiltFiles(directory)
  const document = files.get(documentPath)?.encoded('identity').bytes.toString()

  return async (ctx, next) => {
    const isRead = ctx.method === 'GET' || ctx.method === 'HEAD'
    if (!isRead || notPages.test(ctx.path)) return next()
    await applied((done) => secure(ctx.req, ctx.res, done))
    const file = ctx.path === documentPath ? undefined : files.get(ctx.path) // the document goes out with a nonce in it only
    if (file) return sendFile(ctx, file)
    if (hashedFile.test(ctx.path)) return next()
    const page = pageAt(ctx.path)
    ctx.state.route = page ?? 'unknown page'
    sendDocument(ctx, { document, status: page ? 200 : 404 })
  }
}

const helmetOptions = {
  contentSecurityPolicy: false, // ours has a nonce per answer
  strictTransportSecurity: false, // set for every answer, not only for pages
  referrerPolicy: { policy: 'no-referrer' }, // the address holds the order's token
  xFrameOptions: { action: 'deny' },
} as const

function sendDocument(ctx: AppContext, { document, status }: { document: string | undefined; status: number }): void {
  const nonce = randomBytes(16).toString('base64')
  ctx.status = document === undefined ? 503 : status
  ctx.type = 'html'
  ctx.set('Content-Security-Policy', contentSecurityPolicy(nonce))
  ctx.set('Permissions-Policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()')
  ctx.body = document === undefined ? notBuilt : document.replaceAll('__NONCE__', nonce)
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

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Pages not built</title>
<h1>The checkout pages are not built</h1>
<p>Run <code>npx -y pnpm@12.21.0 --filter checkout build</code>, then start the service again. <code>npx -y pnpm@12.21.0 start</code> does both by itself.</p>
`

function sendFile(ctx: AppContext, file: BuiltFile): void {
  const { bytes, encoding } = file.encoded(acceptedEncoding(ctx))
  ctx.state.route = 'file'
  ctx.status = 200
  ctx.type = file.extension
  ctx.set({
    'Cache-Control': hashedFile.test(ctx.path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: file.etag,
    Vary: 'Accept-Encoding',
    ...(encoding === 'identity' ? {} : { 'Content-Encoding': encoding }),
  })
  if (ctx.fresh) ctx.status = 304
  else ctx.body = bytes
}

function acceptedEncoding(ctx: AppContext): Encoding {
  const choices = ['br', 'gzip'] as const
  return choices.find((encoding) => ctx.acceptsEncodings(encoding) === encoding) ?? 'identity'
}

function applied(middleware: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => middleware((error) => (error === undefined ? resolve() : reject(toError(error)))))
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('a middleware failed', { cause: error })
}
