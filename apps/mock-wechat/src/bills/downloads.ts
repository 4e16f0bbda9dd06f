import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Bill } from './bills.ts'

/** A bill that may be fetched for a while, by the one who asked for it. */
export interface Download {
  mchid: string
  bill: Bill
  gzip: boolean
}

/** "下载地址5分钟内有效": https://pay.weixin.qq.com/doc/v3/merchant/4012791907 */
const lifeMs = 5 * 60_000

export type Downloads = ReturnType<typeof createDownloads>

/** Addresses of bills: on the virtual clock, and in memory. */
export function createDownloads(clock: Clock) {
  const open = new Map<string, Download & { until: number }>()

  function forgetOld(): void {
    for (const [token, { until }] of open) if (until <= clock.now()) open.delete(token)
  }

  return {
    /** @returns its token */
    offer(download: Download): string {
      forgetOld()
      const token = randomBytes(24).toString('base64url')
      open.set(token, { ...download, until: clock.now() + lifeMs })
      return token
    },
    /** Undefined when it is too old, or none. */
    find(token: string): Download | undefined {
      forgetOld()
      return open.get(token)
    },
    clear: () => open.clear(),
  }
}
