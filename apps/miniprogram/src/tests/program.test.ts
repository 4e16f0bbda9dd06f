import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import app from '../miniprogram/app.json' with { type: 'json' }
import sitemap from '../miniprogram/sitemap.json' with { type: 'json' }
import theme from '../miniprogram/theme.json' with { type: 'json' }
import project from '../../project.config.json' with { type: 'json' }
import { launch } from '../testing/launch.ts'
import { createPhone } from '../testing/phone.ts'

const packageDir = join(import.meta.dirname, '../..')
const root = join(packageDir, project.miniprogramRoot)
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const phone = () =>
  createPhone({
    appId: 'wx00000000000000m1',
    domains: [],
    wechat: {
      login: () => Promise.reject(new Error('no')),
      check: () => Promise.resolve({ dialog: '' }),
      confirm: () => Promise.resolve(),
    },
  })

/** What the developer tool reads. No developer tool runs here: these are the mistakes that it would have found. */
describe('the mini program, as the developer tool opens it', () => {
  it('has its four files for every page, and the files that app.json and project.config.json name', () => {
    expect(project.setting.useCompilerPlugins).toEqual(['typescript'])
    for (const page of app.pages)
      for (const kind of ['ts', 'wxml', 'wxss', 'json']) expect(existsSync(join(root, `${page}.${kind}`))).toBe(true)
    for (const file of [app.themeLocation, app.sitemapLocation, 'app.ts', 'app.wxss']) expect(existsSync(join(root, file))).toBe(true)
    expect(sitemap.rules).toEqual([{ action: 'disallow', page: '*' }])
  })

  it('holds nothing but the program: tests lie beside it, and would be uploaded otherwise', () => {
    const files = globSync('**/*', { cwd: root }).filter((file) => /\.\w+$/.test(file))
    expect(files.filter((file) => !/\.(ts|json|wxml|wxss)$/.test(file) || /test/.test(file))).toEqual([])
  })

  it('imports its own files only, without an ending: the tool takes away types, and nothing else', () => {
    const sources = globSync('**/*.ts', { cwd: root })
    expect(sources.length).toBeGreaterThan(10)
    for (const source of sources) {
      for (const { fileName } of ts.preProcessFile(read(source)).importedFiles) {
        expect(fileName, source).toMatch(/^\.\.?\//)
        expect(fileName, source).not.toMatch(/\.\w+$/)
        expect(existsSync(join(root, dirname(source), `${fileName}.ts`)), `${source} → ${fileName}`).toBe(true)
      }
    }
  })

  it('names colours of theme.json that exist in both themes', () => {
    const names = Object.values(app.window).flatMap((value) => (value.startsWith('@') ? [value.slice(1)] : []))
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) {
      expect(Object.keys(theme.light)).toContain(name)
      expect(Object.keys(theme.dark)).toContain(name)
    }
  })

  it('wears the colours of the checkout’s pages, light and dark', () => {
    const pages = readFileSync(join(packageDir, '../checkout/src/styles/tokens.css'), 'utf8')
    const [light = '', dark = ''] = read('app.wxss').split('@media (prefers-color-scheme: dark)')
    const [pagesLight = '', pagesDark = ''] = pages.split('@media (prefers-color-scheme: dark)')
    expect(colours(light).size).toBeGreaterThan(10)
    expect(colours(dark).size).toBeGreaterThan(10)
    for (const [name, colour] of colours(light)) expect([name, colour]).toEqual([name, colours(pagesLight).get(name)])
    for (const [name, colour] of colours(dark)) expect([name, colour]).toEqual([name, colours(pagesDark).get(name)])
  })

  it('binds its view to data and to handlers that the page has', async () => {
    const page = await launch(phone(), 'https://pay.example.com')
    const view = read('pages/checkout/checkout.wxml')
    for (const [, handler = ''] of view.matchAll(/bind\w+="(\w+)"/g)) expect(page.has(handler), handler).toBe(true)
    const expressions = Array.from(view.matchAll(/\{\{(.*?)\}\}/g), ([, expression = '']) => expression)
    expect(expressions.length).toBeGreaterThan(20)
    for (const expression of expressions) {
      const names = expression.replace(/'[^']*'/g, '').match(/(?<![\w.])[a-z]\w*/gi) ?? []
      for (const name of names) expect([...Object.keys(page.data), 'item'], expression).toContain(name)
    }
    page.kill()
  })

  it('opens and closes every element of its view', () => {
    const open: string[] = []
    for (const [, closing, name = '', selfClosing] of read('pages/checkout/checkout.wxml').matchAll(/<(\/)?([a-z]+)[^>]*?(\/)?>/g)) {
      if (closing) expect(open.pop()).toBe(name)
      else if (!selfClosing) open.push(name)
    }
    expect(open).toEqual([])
  })
})

function colours(css: string): Map<string, string> {
  return new Map(Array.from(css.matchAll(/--([\w-]+):\s*(#[0-9a-f]+)/g), ([, name = '', colour = '']) => [name, colour]))
}
