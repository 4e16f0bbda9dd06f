import { describe, expect, it } from 'vitest'
import { labelPages } from './labelPages.ts'

const [a, b] = [{ productId: 'a' }, { productId: 'b' }]

describe('the pages of labels', () => {
  it('hold each product as often as it is to be printed, in the order of the list', () => {
    expect(
      labelPages(
        [a, b],
        new Map([
          ['b', 1],
          ['a', 2],
        ]),
      ),
    ).toEqual([[a, a, b]])
  })

  it('are cut at twelve labels', () => {
    expect(labelPages([a], new Map([['a', 12]])).map((page) => page.length)).toEqual([12])
    expect(
      labelPages(
        [a, b],
        new Map([
          ['a', 12],
          ['b', 13],
        ]),
      ).map((page) => page.length),
    ).toEqual([12, 12, 1])
  })

  it('are none when nothing is chosen', () => {
    expect(
      labelPages(
        [a, b],
        new Map([
          ['a', 0],
          ['gone', 3],
        ]),
      ),
    ).toEqual([])
  })
})
