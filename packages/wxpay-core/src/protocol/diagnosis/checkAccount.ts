import { fault, ok, warning, type Finding } from './finding.ts'

// Seen in the field: wx (or ww, for a company on WeCom) and 16 letters and digits; 8 to 10 digits.
const usualAppId = /^w[wx][0-9a-z]{16}$/
const usualMchId = /^\d{8,10}$/

/** The form of both numbers. That they belong together is for WeChat to say. */
export function checkAccount({ appId, mchId }: { appId: string; mchId: string }): Finding[] {
  return [checkAppId(appId), checkMchId(mchId)]
}

function checkAppId(appId: string): Finding {
  if (usualAppId.test(appId)) return ok('appid', appId)
  if (appId.startsWith('gh_'))
    return fault('appid', 'begins with gh_: this is the account’s "原始ID"', 'Take the "AppID", which begins with wx, from the same page.')
  if (!/^[A-Za-z0-9]{1,32}$/.test(appId)) return fault('appid', 'has other characters than letters and digits', takeAppId)
  return warning('appid', `${appId} is not wx and 16 letters and digits, as appids are`, takeAppId)
}

function checkMchId(mchId: string): Finding {
  if (usualMchId.test(mchId)) return ok('mchid', mchId)
  if (!/^\d{1,32}$/.test(mchId)) return fault('mchid', 'has other characters than digits', takeMchId)
  return warning('mchid', `${mchId} has ${mchId.length} digits; merchant numbers have 8 to 10`, takeMchId)
}

const takeAppId = 'Take the "AppID" of the official account, mini program or app that is bound to the merchant number.'
const takeMchId = 'Take the "商户号" that the merchant platform shows under "账户中心".'
