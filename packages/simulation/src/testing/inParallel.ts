/** Does `count` things, `width` of them at a time. */
export async function inParallel(width: number, count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  async function lane(): Promise<void> {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, lane))
}
