import type { KeyObject } from 'node:crypto'
import { SignatureError } from '../v3/signatureError.ts'
import { checkSignature, readSignature, type Signature } from '../v3/verify.ts'
import type { Answered } from './exchange.ts'
import { fault, ok, warning, type Finding } from './finding.ts'

/** WeChat's keys by what Wechatpay-Serial names them. */
export type WechatKeys = ReadonlyMap<string, KeyObject>

const check = 'v3 answers'

/** Whether WeChat's signature of an answer is right; if not, what is wrong: a header, a key, the clock or the message. */
export function judgeAnswer(call: string, { headers, body }: Answered, keys: WechatKeys, now: number): Finding {
  let signature: Signature | undefined
  try {
    signature = readSignature(headers, now)
    const key = keys.get(signature.serial)
    if (!key) return unknownKey(call, signature.serial, keys)
    checkSignature(signature, body, key)
    return verified(call, signature.serial, keys)
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error
    if (error.problem === 'probe') return warning(check, 'WeChat tested whether a wrong signature is noticed (SIGNTEST): it was', again)
    if (error.problem === 'wrong-signature' && signature) return wrongKey(call, signature, body)
    return fault(check, `${call}: ${error.message}`, error.problem === 'stale' ? setClock : stripped)
  }
}

/** WeChat is told on each call which public key we have, and signs with it once the merchant has switched to it. */
function verified(call: string, serial: string, keys: WechatKeys): Finding {
  const detail = `the answer to ${call} is signed by ${serial}, and verified`
  const ours = [...keys.keys()].find(isPublicKeyId)
  if (ours === undefined || isPublicKeyId(serial)) return ok(check, detail)
  return warning(check, `${detail}; that is a platform certificate, though we have named ${ours}`, notSwitched)
}

const isPublicKeyId = (serial: string): boolean => serial.startsWith('PUB_KEY_ID_')

const notSwitched =
  'Either the switch to the "微信支付公钥" has not begun in the merchant platform, which is no fault, or this "公钥ID" is not the one of this merchant.'
const again = 'Try again: WeChat does not test the same call twice.'
const setClock = 'Set the clock of this machine: it and WeChat’s may differ by 5 minutes, no more.'
const stripped =
  'A proxy or CDN on the way drops or changes the Wechatpay-* headers, or something else than WeChat answers: let api.mch.weixin.qq.com be reached directly.'

function unknownKey(call: string, serial: string, keys: WechatKeys): Finding {
  const detail = [
    `the answer to ${call} is signed by a key that we do not have:`,
    `  WeChat's  ${serial}`,
    `  ours      ${[...keys.keys()].join(', ') || 'none'}`,
  ]
  const advice = isPublicKeyId(serial)
    ? 'Set this "公钥ID", and the "微信支付公钥" that stands beside it in the merchant platform.'
    : 'WeChat still signs with a "平台证书": look in the merchant platform how far the switch to the "微信支付公钥" is.'
  return fault(check, detail.join('\n'), advice)
}

function wrongKey(call: string, { serial, timestamp, nonce }: Signature, body: Buffer): Finding {
  const detail = [
    `the answer to ${call} names ${serial}, and its signature does not fit the key that we have under this name. It has to cover:`,
    `  1  ${timestamp}`,
    `  2  ${nonce}`,
    `  3  (the body, ${body.length} bytes)`,
  ]
  const advice = isPublicKeyId(serial)
    ? 'This public key is not the one of this id: copy the "微信支付公钥" and its "公钥ID" together, of this very merchant.'
    : 'The answer was changed on the way: look at proxies.'
  return fault(check, detail.join('\n'), advice)
}
