/** Steps by the golden ratio around a circle: any few numbers in a row lie evenly between 0 and 1, so that "half of them" is half of ten too. */
export function createSpread(): () => number {
  const step = (Math.sqrt(5) - 1) / 2
  let at = 0
  return () => {
    at = (at + step) % 1
    return at
  }
}
