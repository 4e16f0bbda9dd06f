/** Others were more in a hurry. */
export class PlaceLostError extends Error {
  override readonly name = 'PlaceLostError'
}

/**
 * Bounds the bodies that are not here yet. When there is no place left, the one that has been on its way longest gives up its own:
 * who sends in earnest is done in a moment, so slow senders crowd out each other and nobody else.
 */
export function createUnreadBodies(places: number) {
  const onTheirWay = new Set<() => void>() // in the order in which they began

  function makeRoom(): void {
    const [oldest] = onTheirWay
    if (!oldest || onTheirWay.size < places) return
    onTheirWay.delete(oldest)
    oldest()
  }

  return {
    /** @throws {PlaceLostError} and what the reading throws */
    async read<Body>(reading: Promise<Body>): Promise<Body> {
      makeRoom()
      const { promise: lost, reject } = Promise.withResolvers<never>()
      const lose = () => reject(new PlaceLostError('the body took longer than all others'))
      onTheirWay.add(lose)
      try {
        return await Promise.race([reading, lost])
      } finally {
        onTheirWay.delete(lose)
      }
    },
  }
}
