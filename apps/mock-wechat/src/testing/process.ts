import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import { compileCache } from './compileCache.ts'
import { controlOf } from './control.ts'
import { provideMerchants } from './merchants.ts'
import { createShop } from './shop.ts'

export const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The mock as a process of its own, on free ports. */
export async function spawnMock(dataDir: string): Promise<{ child: ChildProcess; url: string }> {
  await provideMerchants(dataDir)
  const env = { PATH: '', ...compileCache, DATA_DIR: dataDir, MOCK_WECHAT_PORT: '0' }
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  const url = await vi.waitUntil(() => /ready at (http:\S+)/.exec(printed)?.[1], { timeout: 20_000, interval: 10 })
  return { child, url }
}

export async function kill(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<unknown> {
  const exited = once(child, 'exit')
  child.kill(signal)
  return exited
}

/** A shop of the first merchant. */
export async function shopAt(url: string, notifyUrl: string) {
  const [merchant] = await controlOf(url).merchants()
  if (!merchant) throw new Error('no merchant')
  return createShop({ url, mchid: merchant.mchid, appid: merchant.appids[0] ?? '', key: merchant.apiKeyV2, notifyUrl })
}
