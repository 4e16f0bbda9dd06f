import Router from '@koa/router'
import { readFileSync } from 'node:fs'

const files = {
  '/phone': ['index.html', 'text/html; charset=utf-8'],
  '/phone/phone.css': ['phone.css', 'text/css; charset=utf-8'],
  '/phone/icon.svg': ['icon.svg', 'image/svg+xml'],
  '/phone/phone.js': ['phone.js', 'text/javascript; charset=utf-8'],
  '/phone/control.js': ['control.js', 'text/javascript; charset=utf-8'],
  '/phone/elements.js': ['elements.js', 'text/javascript; charset=utf-8'],
  '/phone/openCodes.js': ['openCodes.js', 'text/javascript; charset=utf-8'],
  '/phone/pad.js': ['pad.js', 'text/javascript; charset=utf-8'],
  '/phone/refundMessages.js': ['refundMessages.js', 'text/javascript; charset=utf-8'],
  '/phone/words.js': ['words.js', 'text/javascript; charset=utf-8'],
} as const

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The phone: plain files, no build, no inline script or style. */
export function phonePages(): Router {
  const router = new Router()
  for (const [path, [name, type]] of Object.entries(files)) {
    const bytes = readFileSync(new URL(`./phone/${name}`, import.meta.url))
    router.get(path, (ctx) => {
      ctx.set({
        'Content-Security-Policy': policy,
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
        'Cache-Control': 'no-cache',
      })
      ctx.type = type
      ctx.body = bytes
    })
  }
  router.get('/', (ctx) => ctx.redirect('/phone'))
  return router
}
