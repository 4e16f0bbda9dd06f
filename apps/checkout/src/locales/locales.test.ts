import { describe, expect, it } from 'vitest'
import { i18n, locales, type Locale } from '../i18n.ts'
import en from './en.json'
import zhCN from './zh-CN.json'

const keys = Object.keys(zhCN)

/** Every value that a message may name, as a mark that can be found again in the text. */
const names = ['amount', 'shop', 'min', 'max', 'seconds', 'contact', 'code', 'requestId', 'words']
const values = Object.fromEntries(names.map((name) => [name, `<${name}>`]))
const render = (key: string, locale: Locale) => i18n.global.t(key, values, { locale })
const valuesIn = (text: string) => (text.match(/<\w+>/g) ?? []).toSorted()

describe('the two languages', () => {
  it('have exactly the same keys', () => {
    expect(Object.keys(en).toSorted()).toEqual(keys.toSorted())
  })

  it.each(keys)('both have words for %s, with the same values in them', (key) => {
    for (const locale of locales) {
      expect(render(key, locale)).not.toMatch(/^$|[{}]/)
      expect(render(key, locale)).not.toBe(key)
    }
    expect(valuesIn(render(key, 'en'))).toEqual(valuesIn(render(key, 'zh-CN')))
  })
})
