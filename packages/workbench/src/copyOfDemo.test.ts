import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { refuseSecondCopy } from './copyOfDemo.ts'
import { freePort } from './testing/freePort.ts'

let dataDir: string
let mock: Server

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'wxpay-demo-'))
  mock = createServer((_request, response) => response.end(JSON.stringify({ items: [{ mchid: '1900000001' }] })))
})
afterEach(async () => {
  mock.closeAllConnections()
  await new Promise((resolve) => mock.close(resolve))
  await rm(dataDir, { recursive: true })
})

async function listen(): Promise<number> {
  const port = await freePort()
  await new Promise<void>((resolve) => mock.listen(port, '127.0.0.1', resolve))
  return port
}

async function leaveSettings(port: number, mchId: string): Promise<void> {
  await writeFile(join(dataDir, 'demo.env'), `WXPAY_API_URL=\`http://127.0.0.1:${port}\`\nWXPAY_MCH_ID=\`${mchId}\`\n`)
}

it('refuses a folder whose mock answers, and says where it is', async () => {
  const port = await listen()
  await leaveSettings(port, '1900000001')
  await expect(refuseSecondCopy(dataDir, 'pnpm start')).rejects.toThrow(
    new RegExp(`^DATA_DIR: a copy [^]*http://127\\.0\\.0\\.1:${port}\\)[^]*DATA_DIR=${dataDir}-2 pnpm start`),
  )
})

it('lets a folder pass whose port another copy has by now', async () => {
  await leaveSettings(await listen(), '1900000002')
  await refuseSecondCopy(dataDir, 'pnpm start')
})

it('lets a folder pass that is new, or whose copy has ended', async () => {
  await refuseSecondCopy(dataDir, 'pnpm start')
  await listen()
  await leaveSettings(await freePort(), '1900000001')
  await refuseSecondCopy(dataDir, 'pnpm start')
})
