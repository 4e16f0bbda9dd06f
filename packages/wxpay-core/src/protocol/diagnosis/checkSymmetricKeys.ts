import { fault, ok, warning, type Check, type Finding } from './finding.ts'

/** Both keys are typed by hand into the merchant platform, which takes 32 letters and digits. */
const keyLength = 32

const names = { 'v2 key': '"APIv2密钥"', 'v3 key': '"APIv3密钥"' } as const

/** Form and length of the keys that are plain text; neither is ever shown. */
export function checkSymmetricKeys({ v2, v3 }: { v2: { key: string } | null; v3: { key: string } | null }): Finding[] {
  const findings: Finding[] = []
  if (v2) findings.push(checkKey('v2 key', v2.key))
  if (v3) findings.push(checkKey('v3 key', v3.key))
  if (v2 && v3 && v2.key === v3.key) findings.push(sameKey)
  return findings
}

function checkKey(check: keyof typeof names, key: string): Finding {
  const advice = `Copy the ${names[check]} again, or set a new one in the merchant platform ("账户中心", "API安全"): 32 letters and digits.`
  if (/\s/.test(key)) return fault(check, `${key.length} characters, white space among them`, advice)
  if (!/^[\x21-\x7e]*$/.test(key)) return fault(check, 'has characters that are not ASCII', advice)
  if (key.length !== keyLength) return fault(check, `${key.length} characters; it has to be ${keyLength}`, advice)
  if (!/^[A-Za-z0-9]*$/.test(key)) return warning(check, `${keyLength} characters, not only letters and digits`, advice)
  return ok(check, `${keyLength} characters`)
}

const sameKey = warning(
  'v3 key' satisfies Check,
  'is the same as the v2 key',
  'Set two different keys: who learns one of them must not have the other.',
)
