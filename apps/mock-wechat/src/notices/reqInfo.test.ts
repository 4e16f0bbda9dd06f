import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { sealReqInfo } from './reqInfo.ts'

const vector = z
  .object({ apiKeyV2: z.string(), plaintext: z.string(), reqInfo: z.string() })
  .parse(JSON.parse(readFileSync(new URL('./fixtures/reqInfo.json', import.meta.url), 'utf8')))

it('req_info is what another implementation made of the same document and key', () => {
  expect(Buffer.byteLength(vector.plaintext)).toBe(802)
  expect(sealReqInfo(vector.plaintext, vector.apiKeyV2)).toBe(vector.reqInfo)
})
