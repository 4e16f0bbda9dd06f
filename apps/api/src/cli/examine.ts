import { diagnose, type Check, type Finding } from 'wxpay-core/protocol'
import { BadSettingsError, loadConfig, type Config } from '../config.ts'
import { clientCertificate } from '../config/readCertificate.ts'
import { noticePaths } from '../web/routes/notices.ts'
import type { Row } from './doctorTable.ts'

/** Where to correct it. */
const settingsOf: Record<Check, string> = {
  appid: 'WXPAY_APP_ID',
  mchid: 'WXPAY_MCH_ID',
  'v2 key': 'WXPAY_V2_KEY',
  'v3 key': 'WXPAY_V3_KEY',
  'private key': 'WXPAY_MERCHANT_PRIVATE_KEY',
  certificate: 'WXPAY_MERCHANT_CERTIFICATE',
  serial: 'WXPAY_MERCHANT_SERIAL',
  'public key': 'WXPAY_PUBLIC_KEY, WXPAY_PUBLIC_KEY_ID',
  refunds: 'WXPAY_MERCHANT_PRIVATE_KEY, WXPAY_MERCHANT_CERTIFICATE (or WXPAY_MERCHANT_P12)',
  'notify address': 'PUBLIC_URL',
  connection: 'WXPAY_API_URL, WXPAY_API_BACKUP_URL',
  clock: '',
  'v2 signature': 'WXPAY_V2_KEY, WXPAY_V2_SIGN_TYPE',
  'v3 signature': 'WXPAY_MERCHANT_PRIVATE_KEY, WXPAY_MERCHANT_SERIAL',
  'v3 answers': 'WXPAY_PUBLIC_KEY, WXPAY_PUBLIC_KEY_ID',
  'platform certificates': 'WXPAY_PUBLIC_KEY, WXPAY_PUBLIC_KEY_ID',
}

/** Settings that the service would not start with are findings like any other; WeChat is asked only when there are none. */
export async function examine(env: Readonly<Record<string, string | undefined>>, outTradeNo?: string): Promise<Row[]> {
  try {
    const findings = await diagnose(symptoms(loadConfig(env), outTradeNo))
    return findings.map(withSettings)
  } catch (error) {
    if (!(error instanceof BadSettingsError)) throw error
    return error.problems.map(({ name, message }) => ({ check: name, state: 'fault', detail: message }))
  }
}

function symptoms({ publicUrl, wechat }: Config, outTradeNo: string | undefined) {
  const { appId, mchId, apiUrl, apiBackupUrl, apiCa, v2, v3 } = wechat
  const paths = [...(v2 ? [noticePaths.v2] : []), ...(v3 ? [noticePaths.v3] : [])]
  const { certificate = null } = clientCertificate(wechat)
  return { appId, mchId, apiUrl, apiBackupUrl, apiCa, v2, v3, certificate, notifyUrls: paths.map((path) => publicUrl + path), outTradeNo }
}

function withSettings(finding: Finding): Row {
  const settings = settingsOf[finding.check]
  return finding.state === 'fault' && settings !== '' ? { ...finding, settings } : finding
}
