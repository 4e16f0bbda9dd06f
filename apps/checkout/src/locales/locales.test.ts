import { describe, expect, it } from 'vitest'
import { i18n, locales, type Locale } from '../i18n.ts'
import './console/addWords.ts'
import consoleEn from './console/en.json'
import consoleZhCN from './console/zh-CN.json'
import './dialog/addWords.ts'
import dialogEn from './dialog/en.json'
import dialogZhCN from './dialog/zh-CN.json'
import en from './en.json'
import zhCN from './zh-CN.json'

const keys = [zhCN, dialogZhCN, consoleZhCN].flatMap((words) => Object.keys(words))

/** Every value that a message may name, as a mark that can be found again in the text. */
const names = ['amount', 'shop', 'min', 'max', 'seconds', 'contact', 'code', 'requestId', 'words', 'name', 'labels', 'pages']
const values = Object.fromEntries(names.map((name) => [name, `<${name}>`]))
const render = (key: string, locale: Locale) => i18n.global.t(key, values, { locale })
const valuesIn = (text: string) => (text.match(/<\w+>/g) ?? []).toSorted()

describe('the two languages', () => {
  it('have exactly the same keys', () => {
    expect([en, dialogEn, consoleEn].flatMap((words) => Object.keys(words)).toSorted()).toEqual(keys.toSorted())
    expect(new Set(keys).size).toBe(keys.length)
  })

  it.each(keys)('both have words for %s, with the same values in them', (key) => {
    for (const locale of locales) {
      expect(render(key, locale)).not.toMatch(/^$|[{}]/)
      expect(render(key, locale)).not.toBe(key)
    }
    expect(valuesIn(render(key, 'en'))).toEqual(valuesIn(render(key, 'zh-CN')))
  })
})
