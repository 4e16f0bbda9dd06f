import type { ClientCertificate } from '../send.ts'
import { checkAccount } from './checkAccount.ts'
import { checkClock } from './checkClock.ts'
import { checkConnections } from './checkConnections.ts'
import { checkMerchantKeys, type MerchantKeys } from './checkMerchantKeys.ts'
import { checkNotifyAddress } from './checkNotifyAddress.ts'
import { checkRefunds } from './checkRefunds.ts'
import { checkSymmetricKeys } from './checkSymmetricKeys.ts'
import { checkV2Call } from './checkV2Call.ts'
import { checkV3Calls } from './checkV3Calls.ts'
import { checkWechatKey } from './checkWechatKey.ts'
import { openLine, type Line } from './exchange.ts'
import { warning, type Check, type Finding } from './finding.ts'

export interface DiagnosisOptions {
  appId: string
  mchId: string
  /** e.g. https://api.mch.weixin.qq.com */
  apiUrl: string
  apiBackupUrl: string | null
  /** What WeChat is told to send notices to, one per protocol. */
  notifyUrls: readonly string[]
  v2: { key: string; signType: 'MD5' | 'HMAC-SHA256' } | null
  v3: V3Settings | null
  /** What v2 shows at refunds; null: nothing. */
  certificate?: ClientCertificate | null
  /** PEM of a CA that is trusted beside the usual ones. */
  apiCa?: string | null
  /** A number of ours that WeChat knows: with it v3's signed answers are seen also by who has no platform certificates. */
  outTradeNo?: string | undefined
  /** Unix time in milliseconds. */
  now?: () => number
  /** Of one call to WeChat; as the service waits when not told. */
  timeoutMs?: number
}

export interface V3Settings extends MerchantKeys {
  /** The APIv3 key. */
  key: string
  /** WeChat Pay's public key; null: platform certificates only. */
  publicKey: { id: string; pem: string } | null
}

/**
 * Looks for what makes WeChat say "签名错误", and for what keeps its notices away: the settings by themselves, then the connection, the
 * clock, and signed calls that change nothing. Never rejects because of a setting or of WeChat; no finding holds a secret.
 */
export async function diagnose(options: DiagnosisOptions): Promise<Finding[]> {
  const { now = Date.now, timeoutMs } = options
  const { apiCa } = options
  const line = openLine({ now, ...(timeoutMs !== undefined && { timeoutMs }), ...(apiCa && { tls: { ca: apiCa } }) })
  try {
    return await diagnoseOver(line, { ...options, now })
  } finally {
    await line.close()
  }
}

async function diagnoseOver(line: Line, options: Asking): Promise<Finding[]> {
  const { apiUrl, apiBackupUrl, notifyUrls, v2, v3 } = options
  const seen = v3 && checkV3Keys(v3, options)
  const addresses = notifyUrls.map((notifyUrl) => checkNotifyAddress(notifyUrl, apiUrl))
  const reached = await checkConnections(line, apiUrl, apiBackupUrl)
  const calls = reached.apiUrl === undefined ? notAsked(options) : await checkCalls(line, reached.apiUrl, seen, options)
  return [
    ...checkAccount(options),
    ...checkSymmetricKeys({ v2, v3 }),
    ...(seen?.findings ?? []),
    ...checkRefunds(options),
    ...addresses,
    ...reached.findings,
    ...(reached.apiUrl === undefined ? [] : [checkClock(line.skewsMs)]),
    ...calls,
  ]
}

type V3KeysSeen = ReturnType<typeof checkV3Keys>

function checkV3Keys(v3: V3Settings, { mchId, now }: { mchId: string; now: () => number }) {
  const own = checkMerchantKeys(v3, mchId, now())
  const wechats = checkWechatKey(v3.publicKey, own.privateKey)
  return { findings: [...own.findings, ...wechats.findings], privateKey: own.privateKey, publicKey: wechats.publicKey }
}

type Asking = DiagnosisOptions & { now: () => number }

async function checkCalls(line: Line, apiUrl: string, seen: V3KeysSeen | null, options: Asking): Promise<Finding[]> {
  const { appId, mchId, v2, v3, outTradeNo, now } = options
  const findings: Finding[] = []
  if (v2) findings.push(await checkV2Call(line, apiUrl, { appId, mchId, ...v2 }))
  if (!v3 || !seen) return findings
  if (!seen.privateKey) return [...findings, without('v3 signature', 'without a private key nothing can be signed')]
  const merchant = { mchId, serial: v3.merchantSerial.toUpperCase(), privateKey: seen.privateKey }
  const caller = { line, apiUrl, merchant, publicKeyId: v3.publicKey?.id, now }
  return [...findings, ...(await checkV3Calls({ caller, key: v3.key, publicKey: seen.publicKey, outTradeNo }))]
}

function notAsked({ v2, v3 }: DiagnosisOptions): Finding[] {
  const reason = 'there is no connection'
  return [...(v2 ? [without('v2 signature', reason)] : []), ...(v3 ? [without('v3 signature', reason)] : [])]
}

const without = (check: Check, reason: string): Finding =>
  warning(check, `not asked: ${reason}`, 'Correct the faults above, then run this again.')
