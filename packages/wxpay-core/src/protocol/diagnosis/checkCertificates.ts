import { X509Certificate, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { createCipher, UndecryptableError } from '../v3/cipher.ts'
import type { Answered } from './exchange.ts'
import { fault, ok, warning, type Finding } from './finding.ts'
import { parseJson, readRefusal } from './readRefusal.ts'
import { tryRead } from './tryRead.ts'

export interface CertificatesSeen {
  findings: Finding[]
  /** By their serials. */
  keys: ReadonlyMap<string, KeyObject>
}

const List = z.object({
  data: z.array(
    z.object({
      serial_no: z.string(),
      encrypt_certificate: z.object({ nonce: z.string(), associated_data: z.string().optional(), ciphertext: z.string() }),
    }),
  ),
})

/**
 * What WeChat's list of platform certificates tells: whether there are any, and whether our APIv3 key opens what WeChat has sealed with
 * its own. It is the one thing that WeChat seals for who only asks.
 */
export function checkCertificates(answer: Answered, { key, hasPublicKey }: { key: string; hasPublicKey: boolean }): CertificatesSeen {
  if (answer.status !== 200) return { findings: [withoutList(answer, hasPublicKey)], keys: new Map() }
  const list = List.safeParse(parseJson(answer.body))
  if (!list.success) return seen(warning('platform certificates', "the list is not in WeChat's form", 'Is the address WeChat’s?'))
  const cipher = tryRead(() => createCipher(key))
  if (!cipher.read) return seen() // the form of the key is a finding already
  const keys = new Map<string, KeyObject>()
  try {
    for (const { serial_no: serial, encrypt_certificate: sealed } of list.data.data) {
      const pem = cipher.value.decrypt({ ciphertext: sealed.ciphertext, nonce: sealed.nonce, associatedData: sealed.associated_data })
      keys.set(serial.trim(), new X509Certificate(pem).publicKey)
    }
  } catch (error) {
    if (error instanceof UndecryptableError) return seen(wrongKey)
    return seen(warning('platform certificates', 'one of them cannot be read', 'Switch to the "微信支付公钥", which takes their place.'))
  }
  const rightKey = ok('v3 key', 'opens what WeChat has sealed with its own')
  return { findings: [rightKey, ok('platform certificates', [...keys.keys()].join(', ') || 'none listed')], keys }
}

const seen = (...findings: Finding[]): CertificatesSeen => ({ findings, keys: new Map() })

const wrongKey = fault(
  'v3 key',
  'does not open the platform certificates: WeChat has sealed them with another key, and so are its notices',
  'Set a new "APIv3密钥" in the merchant platform ("账户中心", "API安全"), and the same one here. It is not the "APIv2密钥".',
)

/** Merchants since 2024 have no platform certificates: WeChat answers 404 (403 has been seen), and the public key takes their place. */
function withoutList(answer: Answered, hasPublicKey: boolean): Finding {
  const refusal = readRefusal(answer)
  const said = refusal ? `WeChat says ${answer.status} ${refusal.code} "${refusal.message}"` : `HTTP ${answer.status}`
  const none = refusal?.code === 'RESOURCE_NOT_EXISTS'
  if (none && hasPublicKey) return ok('platform certificates', 'none: this merchant has the public key only')
  if (none)
    return fault(
      'platform certificates',
      `none, and no public key is set: ${said}`,
      'Set the "微信支付公钥" and its "公钥ID" from the merchant platform ("账户中心", "API安全").',
    )
  return warning('platform certificates', `not seen: ${said}`, 'Try again in a minute.')
}
