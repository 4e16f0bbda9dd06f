import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp } from '../testing/testApp.ts'

let directory = ''
const large = `export const words = '${'pay '.repeat(1000)}'`

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'wxpay-pages-'))
  mkdirSync(join(directory, 'assets'))
  writeFileSync(
    join(directory, 'index.html'),
    '<!doctype html><meta property="csp-nonce" nonce="__NONCE__"><script nonce="__NONCE__"></script>',
  )
  writeFileSync(join(directory, 'assets/app-abc123.js'), 'export {}')
  writeFileSync(join(directory, 'assets/large-abc123.js'), large)
  writeFileSync(join(directory, 'favicon.svg'), '<svg/>')
  writeFileSync(join(directory, 'font.woff2'), 'x'.repeat(2000))
  writeFileSync(join(directory, '.built-from'), 'a fingerprint')
  mkdirSync(join(directory, '.vite'))
  writeFileSync(join(directory, '.vite/manifest.json'), '{}')
})
afterAll(() => rmSync(directory, { recursive: true }))

const start = (publicUrl = 'http://127.0.0.1:3000') => startTestApp({ publicUrl, deps: { pagesDirectory: directory } })

describe('the pages', () => {
  it.each(['/', '/pay/AAAAAAAAAAAAAAAAAAAAAA', '/receipt/AAAAAAAAAAAAAAAAAAAAAA', '/console/codes'])(
    '%s is the document, never cached, with a strict policy',
    async (path) => {
      const app = await start()
      const response = await app.get(path)
      expect(response.status).toBe(200)
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()'),
      })
      expect(response.headers.has('strict-transport-security')).toBe(false)
    },
  )

  it('has a nonce that is in the policy, everywhere in the document, and different each time', async () => {
    const app = await start()
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const response = await app.get('/')
        const policy = response.headers.get('content-security-policy') ?? ''
        const nonce = /'nonce-([A-Za-z0-9+/=]{22,})'/.exec(policy)?.[1] ?? ''
        expect(policy).toBe(
          `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
        )
        const text = await response.text()
        expect(text.split(`nonce="${nonce}"`)).toHaveLength(3)
        expect(text).not.toContain('__NONCE__')
        return nonce
      }),
    )
    expect(new Set(nonces).size).toBe(2)
  })

  it('asks for https for ever only where the shop is on https', async () => {
    const app = await start('https://shop.example')
    expect((await app.get('/')).headers.get('strict-transport-security')).toMatch(/^max-age=31536000/)
    expect((await app.get('/v1/shop')).headers.get('strict-transport-security')).toMatch(/^max-age=31536000/)
  })

  it('sends files whose names are hashed to be kept for ever, others to be asked for again', async () => {
    const app = await start()
    const hashed = await app.get('/assets/app-abc123.js', { headers: { Range: 'bytes=5-1' } })
    expect({ status: hashed.status, cache: hashed.headers.get('cache-control'), text: await hashed.text() }).toEqual({
      status: 200,
      cache: 'public, max-age=31536000, immutable',
      text: 'export {}',
    })
    expect((await app.get('/favicon.svg')).headers.get('cache-control')).toBe('no-cache')
    expect(hashed.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    const head = await app.get('/assets/app-abc123.js', { method: 'HEAD' })
    expect({ status: head.status, length: head.headers.get('content-length'), text: await head.text() }).toEqual({
      status: 200,
      length: '9',
      text: '',
    })
  })

  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['identity', null],
  ])('sends files to who accepts %s as %s, the same text', async (accepted, encoding) => {
    const app = await start()
    const response = await app.get('/assets/large-abc123.js', { headers: { 'Accept-Encoding': accepted } })
    expect({ encoding: response.headers.get('content-encoding'), vary: response.headers.get('vary'), text: await response.text() }).toEqual(
      {
        encoding,
        vary: 'Accept-Encoding',
        text: large,
      },
    )
    expect(Number(response.headers.get('content-length')) < 500).toBe(encoding !== null)
    expect((await app.get('/font.woff2', { headers: { 'Accept-Encoding': accepted } })).headers.has('content-encoding')).toBe(false)
  })

  it('tells a browser that has the file already', async () => {
    const app = await start()
    const etag = (await app.get('/favicon.svg')).headers.get('etag') ?? ''
    // A browser asks like this; fetch would add no-cache, which means: the whole of it.
    const ask = (known: string) => app.get('/favicon.svg', { headers: { 'If-None-Match': known, 'Cache-Control': 'max-age=0' } })
    const known = await ask(etag)
    expect({ status: known.status, text: await known.text(), etag: known.headers.get('etag') }).toEqual({ status: 304, text: '', etag })
    expect((await ask('W/"another"')).status).toBe(200)
  })

  it('goes on serving the build it started with while the next one replaces it', async () => {
    const built = mkdtempSync(join(tmpdir(), 'wxpay-pages-'))
    cpSync(directory, built, { recursive: true })
    const app = await startTestApp({ deps: { pagesDirectory: built } })
    rmSync(built, { recursive: true })
    expect((await app.get('/')).status).toBe(200)
    expect(await (await app.get('/assets/large-abc123.js')).text()).toBe(large)
  })

  it.each([
    '/nothing',
    '/.built-from',
    '/.vite/manifest.json',
    '/pay',
    '/pay/a/b',
    '/index.html',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%zz',
  ])('answers the unknown address %s with the document and 404', async (path) => {
    const app = await start()
    const response = await app.get(path)
    expect(response.status).toBe(404)
    expect(await response.text()).toMatch(/^<!doctype html>(?!.*__NONCE__)/)
  })

  it('says what to run where the pages are not built', async () => {
    const app = await startTestApp()
    const response = await app.get('/')
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('build')
  })
})
