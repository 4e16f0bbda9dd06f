/** The value that has as many below as above it. @throws {RangeError} of no values */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/**
 * The value below which a share of the values lies; between two of them it is interpolated.
 *
 * @param share - 0 to 1, e.g. 0.99
 * @throws {RangeError} of no values
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)]
  const above = sorted[Math.ceil(position)]
  if (below === undefined || above === undefined) throw new RangeError('there is no quantile of no values')
  return below + (above - below) * (position - Math.floor(position))
}
