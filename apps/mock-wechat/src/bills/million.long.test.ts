import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { createGunzip } from 'node:zlib'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { temporaryFolder } from '../testing/bench.ts'
import { controlOf } from '../testing/control.ts'
import { createJsonShop } from '../testing/jsonShop.ts'
import { spawnMock } from '../testing/process.ts'
import { dayOf } from './day.ts'

const rows = 1_000_000
/** The file has 250 MB as text; an idle mock has some 120. */
const mostBytes = 300_000_000

it(`a bill of ${rows} rows is made, hashed and sent without being held in memory`, async () => {
  const { child, url } = await spawnMock(temporaryFolder())
  const control = controlOf(url)
  const [merchant] = await control.merchants()
  if (!merchant) throw new Error('no merchant')
  const shop = createJsonShop({ url, merchant, notifyUrl: 'http://127.0.0.1:1/' })
  const { date } = dayOf(Date.now() - 2 * 86_400_000)

  const { json } = await control.call('POST', 'bills/synthetic', { billDate: date, rows, seed: 7 })
  const { hashValue } = z.object({ hashValue: z.string() }).parse(json)
  const { body } = await shop.send('GET', `/v3/bill/tradebill?bill_date=${date}&tar_type=GZIP`)
  expect(body['hash_value']).toBe(hashValue)

  const address = new URL(z.string().parse(body['download_url']))
  const response = await shop.fetchStream(address.pathname + address.search)
  const [hash, counted] = [createHash('sha1'), { lines: 0 }]
  for await (const chunk of unzipped(response)) {
    hash.update(chunk)
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) counted.lines += 1
  }
  expect(hash.digest('hex')).toBe(hashValue)
  expect(counted.lines).toBe(rows + 3)
  expect(peakBytes(child.pid)).toBeLessThan(mostBytes)
})

function unzipped(stream: ReadableStream<Uint8Array>): AsyncIterable<Buffer> {
  return Readable.fromWeb(stream).pipe(createGunzip())
}

/** The most that the process ever had in memory, where the system tells (Linux); 0 elsewhere. */
function peakBytes(pid: number | undefined): number {
  if (process.platform !== 'linux') return 0
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024
}
