import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing/bench.ts'
import { openJournal } from './journal.ts'

const events = (count: number) => Array.from({ length: count }, (_, index) => ({ index, text: '海图\n' }))

async function read(file: string): Promise<unknown[]> {
  const seen: unknown[] = []
  const journal = await openJournal(file, (event) => seen.push(event))
  await journal.close()
  return seen
}

describe('the journal', () => {
  it('gives back every event in order, each durable before it is said to be', async () => {
    const file = join(temporaryFolder(), 'deep', 'journal.ndjson')
    const journal = await openJournal(file, () => undefined)
    await Promise.all(
      events(200).map(async (event) => {
        journal.append(event)
        await journal.durable()
        expect(readFileSync(file, 'utf8')).toContain(`"index":${event.index},`)
      }),
    )
    await journal.close()
    expect(await read(file)).toEqual(events(200))
  })

  it('cuts a torn last line off and goes on after the last whole one', async () => {
    const file = join(temporaryFolder(), 'journal.ndjson')
    appendFileSync(file, '{"index":0,"text":"海图\\n"}\n{"index":1,"te')
    const journal = await openJournal(file, () => undefined)
    journal.append({ index: 1, text: '海图\n' })
    await journal.close()
    expect(await read(file)).toEqual(events(2))
  })

  it('does not guess when a line in the middle is damaged', async () => {
    const file = join(temporaryFolder(), 'journal.ndjson')
    appendFileSync(file, '{"index":0}\n{"ind\n{"index":2}\n')
    await expect(openJournal(file, () => undefined)).rejects.toThrow(/journal\.ndjson, line 2, is damaged/)
  })

  it('forgets everything on request', async () => {
    const file = join(temporaryFolder(), 'journal.ndjson')
    const journal = await openJournal(file, () => undefined)
    journal.append({ index: 7 })
    await journal.clear()
    journal.append({ index: 8 })
    await journal.close()
    expect(await read(file)).toEqual([{ index: 8 }])
  })
})
