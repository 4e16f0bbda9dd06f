import { expect, it } from 'vitest'
import { Closers } from './closers.ts'

it('closes what was opened last first, each once', async () => {
  const closed: string[] = []
  const closers = new Closers()
  for (const name of ['mock', 'api', 'load']) closers.add({ close: () => void closed.push(name) })
  await closers.close()
  await closers.close()
  expect(closed).toEqual(['load', 'api', 'mock'])
})

it('closes what is open already when the rest cannot be opened', async () => {
  const closed: string[] = []
  const opening = Closers.use(async (closers) => {
    closers.add({ close: () => void closed.push('mock') })
    throw new Error('the API does not start')
  })
  await expect(opening).rejects.toThrow('the API does not start')
  expect(closed).toEqual(['mock'])
})
