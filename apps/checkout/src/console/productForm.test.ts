import { describe, expect, it } from 'vitest'
import { newDraft, readProduct, searchProducts } from './productForm.ts'

const limits = { minAmountFen: 1, maxAmountFen: 100_000 }
const draft = { productId: 'P001', name: '拿铁', price: '19.9' }
const read = (change: Partial<typeof draft>) => readProduct({ ...draft, ...change }, { limits, active: true })
const latte = { productId: 'P001', name: '拿铁 大杯', priceFen: 1990, active: true }
const tea = { productId: 'TEA-2', name: 'Green tea', priceFen: 1200, active: false }

describe('what is typed about a product', () => {
  it('is read in whole fen, without the spaces around it', () => {
    expect(read({ name: ' 拿铁 ', productId: ' P001 ' })).toEqual({
      ok: true,
      productId: 'P001',
      body: { name: '拿铁', priceFen: 1990, active: true },
    })
  })

  it.each([
    [{ name: '' }, ['name']],
    [{ name: '书'.repeat(43) }, ['name']],
    [{ name: '拿铁☕😀' }, ['name']],
    [{ price: '' }, ['price']],
    [{ price: '0' }, ['price']],
    [{ price: '1.234' }, ['price']],
    [{ price: '1000.01' }, ['price']],
    [{ productId: '' }, ['productId']],
    [{ productId: 'a b' }, ['productId']],
    [{ productId: 'a'.repeat(33) }, ['productId']],
    [{ name: '', price: 'x', productId: '号' }, ['name', 'price', 'productId']],
  ])('%o has problems with %j', (change, problems) => {
    const answer = read(change)
    expect(answer.ok ? [] : [...answer.problems].toSorted()).toEqual(problems)
  })

  it.each(['书'.repeat(42), 'a'.repeat(127)])('may have a name of 127 bytes: %s', (name) => {
    expect(read({ name }).ok).toBe(true)
  })

  it('begins with a number that is free', () => {
    expect(newDraft([]).productId).toBe('P001')
    expect(newDraft([latte, { ...latte, productId: 'P003' }]).productId).toBe('P004')
    expect(newDraft([{ ...latte, productId: 'P002' }]).productId).toBe('P003')
  })
})

describe('a search for products', () => {
  it.each([
    ['', [latte, tea]],
    ['拿铁', [latte]],
    ['大杯 p001', [latte]],
    ['GREEN', [tea]],
    ['green 拿铁', []],
  ])('by %o', (search, found) => {
    expect(searchProducts([latte, tea], search)).toEqual(found)
  })
})
