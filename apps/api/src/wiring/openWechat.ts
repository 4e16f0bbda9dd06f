import { createWechatPayV2, createWechatPayV3, type WechatPay } from 'wxpay-core/protocol'
import { createWechatGates, type WechatGates } from '../commands/steps/wechatGates.ts'
import type { Config } from '../config.ts'
import { clientCertificate } from '../config/readCertificate.ts'
import type { V3Config } from '../config/readV3.ts'
import { keySettings } from '../config/readWechat.ts'
import { systemClock } from '../support/clock.ts'
import { createSkewWatch } from '../support/clockSkew.ts'
import type { Logger } from '../support/logger.ts'
import type { Metrics } from '../support/metrics.ts'

/** A way to WeChat for each protocol whose keys are there. */
export function openWechat(
  { wechat, accounts }: Config,
  onAnswerDate?: (wechatMs: number) => void,
): { gates: WechatGates; destroy(): Promise<void> } {
  const { appId, mchId, apiUrl, apiBackupUrl, apiCa, v2, v3 } = wechat
  // A payment made in the mini program is noticed under the mini program's appid.
  const otherAppIds = accounts.miniProgram ? [accounts.miniProgram.appId] : []
  const addresses = { apiUrl, ...(apiBackupUrl !== null && { apiBackupUrl }) }
  const common = { appId, otherAppIds, mchId, ...addresses, ...(apiCa !== null && { apiCa }), ...(onAnswerDate && { onAnswerDate }) }
  const opened = [
    ...(v2 ? [createWechatPayV2({ ...common, key: v2.key, signType: v2.signType, ...clientCertificate(wechat) })] : []),
    ...(v3 ? [createWechatPayV3({ ...common, ...v3Keys(v3) })] : []),
  ]
  const destroy = async () => void (await Promise.all(opened.map((one) => one.destroy())))
  return { gates: gatesOf(opened, wechat.protocol), destroy }
}

/** Every answer of WeChat tells its time. */
export function watchSkew(metrics: Metrics, logger: Logger): (wechatMs: number) => void {
  return createSkewWatch({
    now: () => systemClock.now().getTime(),
    skew: metrics.clockSkew,
    warn: (ms) => logger.warn({ aheadMs: ms }, 'our clock and WeChat’s differ: past 5 min WeChat’s messages and ours are refused'),
  })
}

function gatesOf(opened: readonly WechatPay[], protocol: string): WechatGates {
  const current = opened.find((one) => one.protocol === protocol)
  if (!current) throw new Error(`the settings have no keys for protocol ${protocol}`) // loadConfig asks for them
  return createWechatGates({ current, others: opened.filter((one) => one !== current), settingsOf: keySettings })
}

function v3Keys({ key, merchantPrivateKey, merchantSerial, publicKey }: V3Config) {
  return { key, merchantPrivateKey, merchantSerial, ...(publicKey && { publicKey }) }
}
