import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

/**
 * Two copies of the demo on one folder would write one ledger of the mock from two processes, and each would sign with what the other
 * does not know. The file of settings that the last start left says where its mock listened, and for which merchant: numbers are made
 * by chance for each folder, so another copy that has the port by now is told apart.
 *
 * @throws {Error} that says where the running copy is, and what to type
 */
export async function refuseSecondCopy(dataDir: string, command: string): Promise<void> {
  const mock = await mockOfLastStart(dataDir)
  if (mock === undefined || !(await answersFor(mock))) return
  throw new Error(
    `DATA_DIR: a copy of the demo is running on ${dataDir} already (its mock of WeChat: ${mock.url}).\nStop it, or take another folder, for example:\n\n    DATA_DIR=${dataDir}-2 ${command}\n`,
  )
}

interface MockOfDemo {
  url: string
  mchId: string
}

async function mockOfLastStart(dataDir: string): Promise<MockOfDemo | undefined> {
  const text = await readFile(join(dataDir, 'demo.env'), 'utf8').catch(() => '')
  const { WXPAY_API_URL: url, WXPAY_MCH_ID: mchId } = parseEnv(text)
  return url && mchId ? { url, mchId } : undefined
}

/** Nobody there, or somebody who is no mock of ours: no. */
async function answersFor({ url, mchId }: MockOfDemo): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/_control/merchants`, { signal: AbortSignal.timeout(2_000) })
    return answer.ok && (await answer.text()).includes(`"${mchId}"`)
  } catch {
    return false
  }
}
