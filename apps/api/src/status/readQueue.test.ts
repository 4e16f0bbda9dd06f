import { describe, expect, it } from 'vitest'
import { createReadQueue, TooManyReadsError } from './readQueue.ts'

/** A queue whose reads are answered by the test, by name. */
function createTestQueue(options: { width: number; maxWaiting: number }) {
  const queue = createReadQueue(options)
  const begun: string[] = []
  const answers = new Map<string, PromiseWithResolvers<string>>()
  return {
    begun,
    answers,
    read(name: string, urgent = false): Promise<string> {
      const answer = Promise.withResolvers<string>()
      answers.set(name, answer)
      const read = () => {
        begun.push(name)
        return answer.promise
      }
      return queue.run(read, { urgent })
    },
    answer: (name: string) => answers.get(name)?.resolve(name),
  }
}

describe('the queue of reads', () => {
  it('begins so many at a time, in their order, urgent ones before those that wait', async () => {
    const t = createTestQueue({ width: 2, maxWaiting: 10 })
    const reads = ['a', 'b', 'c', 'd'].map((name) => t.read(name))
    const urgent = t.read('urgent', true)
    await expect.poll(() => t.begun).toEqual(['a', 'b'])
    t.answer('b')
    await expect.poll(() => t.begun).toEqual(['a', 'b', 'urgent'])
    t.answer('a')
    t.answer('urgent')
    await expect.poll(() => t.begun).toEqual(['a', 'b', 'urgent', 'c', 'd'])
    t.answer('c')
    t.answer('d')
    expect(await Promise.all([...reads, urgent])).toEqual(['a', 'b', 'c', 'd', 'urgent'])
  })

  it('R25 refuses one more than may wait, but no urgent one', async () => {
    const t = createTestQueue({ width: 1, maxWaiting: 1 })
    const [running, waiting] = [t.read('a'), t.read('b')]
    await expect(t.read('c')).rejects.toThrow(TooManyReadsError)
    const urgent = t.read('d', true)
    for (const name of ['a', 'd', 'b']) t.answer(name)
    expect(await Promise.all([running, waiting, urgent])).toEqual(['a', 'b', 'd'])
  })

  it('gives the place of a read that failed to the next', async () => {
    const t = createTestQueue({ width: 1, maxWaiting: 1 })
    const [failing, next] = [t.read('a'), t.read('b')]
    t.answers.get('a')?.reject(new Error('the database is away'))
    t.answer('b')
    await expect(failing).rejects.toThrow('away')
    expect(await next).toBe('b')
  })
})
