import type { KeyObject } from 'node:crypto'
import { isSameKey, readWechatPublicKey } from '../v3/keys.ts'
import { fault, ok, type Finding } from './finding.ts'
import { tryRead } from './tryRead.ts'

export interface WechatKeySeen {
  findings: Finding[]
  /** undefined: not given, or it cannot be read. */
  publicKey: { id: string; key: KeyObject } | undefined
}

/** WeChat's public key and its id, as far as they can be judged from here. That they belong together, only an answer tells. */
export function checkWechatKey(given: { id: string; pem: string } | null, privateKey: KeyObject | undefined): WechatKeySeen {
  if (given === null) return { findings: [ok('public key', "none given: WeChat's platform certificates are used")], publicKey: undefined }
  const findings: Finding[] = []
  if (!/^PUB_KEY_ID_\d+$/.test(given.id)) findings.push(fault('public key', idProblem(given.id), takeId))
  const key = tryRead(() => readWechatPublicKey(given.pem))
  if (!key.read) return { findings: [...findings, fault('public key', key.problem, takeKey)], publicKey: undefined }
  if (privateKey && isSameKey(key.value, privateKey))
    findings.push(fault('public key', "is the merchant's own: it belongs to the private key", takeKey))
  if (findings.length === 0)
    findings.push(ok('public key', `${given.id}, RSA, ${key.value.asymmetricKeyDetails?.modulusLength ?? '?'} bits`))
  return { findings, publicKey: { id: given.id, key: key.value } }
}

function idProblem(id: string): string {
  if (/^[0-9A-F]{40}$/i.test(id)) return 'its id is a serial of a certificate; it has to be PUB_KEY_ID_ and digits'
  return 'its id has another form than PUB_KEY_ID_ and digits'
}

const takeId = 'Copy the "公钥ID" from the merchant platform ("账户中心", "API安全", "微信支付公钥"), PUB_KEY_ID_ included.'
const takeKey = 'Give the text of pub_key.pem, WeChat’s own public key ("微信支付公钥"), from "-----BEGIN PUBLIC KEY-----" to its end.'
