/** Three across and four down on A4, each 63 by 69 mm. */
export const labelsPerPage = 12

/** Each product as often as it is to be printed, cut into pages. */
export function labelPages<T extends { productId: string }>(products: readonly T[], copies: ReadonlyMap<string, number>): T[][] {
  const labels = products.flatMap((product) => Array.from({ length: copies.get(product.productId) ?? 0 }, () => product))
  return Array.from({ length: Math.ceil(labels.length / labelsPerPage) }, (_, page) =>
    labels.slice(page * labelsPerPage, (page + 1) * labelsPerPage),
  )
}
