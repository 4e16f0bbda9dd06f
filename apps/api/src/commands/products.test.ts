import { expect, it, onTestFinished } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { WechatRefusedError, WechatUnknownOutcomeError } from 'wxpay-core/protocol'
import { ProductNotFoundError } from '../domain/errors.ts'
import { openDatabase } from '../storage/database.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import { TestClock } from '../testing/testShop.ts'
import { codeSigner, createProductCommands, type CodeMaker } from './products.ts'

const book = { productId: 'BOOK-0042', name: '《海图》', priceFen: toFen(4580), active: true }

async function open() {
  const { config, drop } = await createTestDatabase()
  const db = openDatabase({ config, max: 5, name: 'test', onConnectionLost: () => undefined })
  onTestFinished(async () => {
    await db.destroy()
    await drop()
  })
  let made = 0
  const asked: string[] = []
  const wechat = { shorten: async (codeUrl: string) => `weixin://wxpay/s/${codeUrl.length}${asked.length}` }
  const gate: CodeMaker['gate'] = {
    codeFor: (productId) => `weixin://wxpay/bizpayurl?product_id=${productId}&n=${++made}`,
    shorten: (codeUrl) => (asked.push(codeUrl), wechat.shorten(codeUrl)),
  }
  const by = (signer: string) => createProductCommands({ db, clock: new TestClock(), codes: { gate, signer } })
  return { products: by('key-1'), by, wechat, asked }
}

it('a product is stored, changed, listed and removed', async () => {
  const { products } = await open()
  expect(await products.save(book)).toBe(true)
  expect(await products.save({ ...book, priceFen: toFen(5000), active: false })).toBe(false)
  await products.save({ ...book, productId: 'A' })
  expect(await products.list()).toEqual([
    { ...book, productId: 'A' },
    { ...book, priceFen: 5000, active: false },
  ])
  await products.remove('BOOK-0042')
  expect(await products.list()).toHaveLength(1)
  await expect(products.remove('BOOK-0042')).rejects.toThrow(ProductNotFoundError)
})

it('a product that is saved by many at once is there once', async () => {
  const { products } = await open()
  await Promise.all(Array.from({ length: 10 }, () => products.save(book)))
  expect(await products.list()).toEqual([book])
})

it('the code of a product stays the same, and so does its short address, which WeChat is asked for once', async () => {
  const { products, asked } = await open()
  await products.save(book)
  const code = await products.code?.('BOOK-0042')
  expect(code).toEqual({ codeUrl: asked[0], shortUrl: expect.stringMatching(/^weixin:\/\/wxpay\/s\//) })
  await products.save({ ...book, priceFen: toFen(1) })
  expect(await products.code?.('BOOK-0042')).toEqual(code)
  expect(asked).toHaveLength(1)
})

it.each([
  ['refuses', new WechatRefusedError('shorturl', { meaning: 'other', code: 'NOAUTH', description: 'no', raw: '' })],
  ['does not answer', new WechatUnknownOutcomeError('shorturl', new Error('lost'))],
])('the code is good without a short address while WeChat %s, and has one later', async (_what, error) => {
  const { products, wechat } = await open()
  await products.save(book)
  const { shorten } = wechat
  wechat.shorten = () => Promise.reject(error)
  const code = await products.code?.('BOOK-0042')
  expect(code?.shortUrl).toBeNull()
  wechat.shorten = shorten
  expect(await products.code?.('BOOK-0042')).toEqual({ codeUrl: code?.codeUrl, shortUrl: expect.any(String) })
})

it('a code that another key has signed is not handed out any more', async () => {
  const { products, by } = await open()
  await products.save(book)
  const old = await products.code?.('BOOK-0042')
  const renewed = await by('key-2').code?.('BOOK-0042')
  expect(renewed?.codeUrl).not.toBe(old?.codeUrl)
  expect(renewed?.shortUrl).not.toBe(old?.shortUrl)
})

it('there is no code of a product that is not there', async () => {
  const { products, asked } = await open()
  await expect(products.code?.('BOOK-0042')).rejects.toThrow(ProductNotFoundError)
  expect(asked).toEqual([])
})

it('what signs codes is told apart by appid, merchant and key', () => {
  const signer = { appId: 'wx1', mchId: '19', key: 'k'.repeat(32) }
  const all = [signer, { ...signer, appId: 'wx2' }, { ...signer, mchId: '18' }, { ...signer, key: 'j'.repeat(32) }]
  expect(new Set(all.map(codeSigner)).size).toBe(4)
  expect(codeSigner(signer)).toMatch(/^[0-9a-f]{8}$/)
})
