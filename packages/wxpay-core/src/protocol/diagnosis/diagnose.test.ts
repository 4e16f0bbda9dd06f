import { createPublicKey } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { merchant as v2Merchant } from '../../testing/fixtures.ts'
import { answerParts, signedMessage, unsignedMessage, type Parts } from '../../testing/message.ts'
import { refusingUrl, reset, startServer, type Behaviour, type Received } from '../../testing/server.ts'
import {
  answerError,
  answerSigned,
  certificatesOf,
  newCertificate,
  oldCertificate,
  paidTransaction,
  probeOf,
  publicKey,
  v3,
  vectorsNow,
} from '../../testing/v3.ts'
import { diagnose, type DiagnosisOptions, type V3Settings } from './diagnose.ts'
import { tls } from '../../testing/tlsServer.ts'
import type { Check, Finding } from './finding.ts'
import { sha256 } from './signedText.ts'

const { keys } = v3
const otherMerchant = keys.platform_cert_old.private_key_pem
const otherPublicKey = createPublicKey(otherMerchant).export({ type: 'spki', format: 'pem' }).toString()

const v2 = { key: v2Merchant.key, signType: 'MD5' } as const
const v3Settings = {
  key: keys.apiv3_key,
  merchantPrivateKey: keys.merchant.private_key_pem,
  merchantSerial: keys.merchant.serial_no,
  merchantCertificate: keys.merchant.certificate_pem,
  publicKey: { id: keys.wechatpay_public_key.id, pem: keys.wechatpay_public_key.public_key_pem },
}

async function diagnosed(behave: Behaviour, options: Partial<DiagnosisOptions>): Promise<Finding[]> {
  const server = await startServer(behave)
  onTestFinished(server.close)
  return diagnose({
    ...{ appId: v2Merchant.appId, mchId: v2Merchant.mchId, apiUrl: server.url, apiBackupUrl: null, v2: null, v3: null },
    notifyUrls: ['https://pay.example.com/notices'],
    certificate: tls.merchant,
    ...options,
  })
}

const of = (check: Check, findings: readonly Finding[]) => findings.filter((finding) => finding.check === check)
const faults = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state !== 'ok').map(({ check, state }) => `${check} ${state}`)

describe('the diagnosis of v2', () => {
  const answering =
    (message: string): Behaviour =>
    (response) =>
      void response.writeHead(200, { 'content-type': 'text/xml' }).end(message)
  const diagnosedV2 = (message: string, options: Partial<DiagnosisOptions> = {}) => diagnosed(answering(message), { v2, ...options })
  const failing = (code: string): Parts => ({ ...answerParts, result_code: 'FAIL', err_code: code, err_code_des: '…' })

  it('is content when WeChat signs that there is no such order', async () => {
    const findings = await diagnosedV2(signedMessage(failing('ORDERNOTEXIST')))
    expect(faults(findings)).toEqual([])
    expect(of('v2 signature', findings)).toMatchObject([{ state: 'ok' }])
  })

  it('shows what was signed, with the key masked, when WeChat says 签名错误', async () => {
    const findings = await diagnosedV2(unsignedMessage({ return_code: 'FAIL', return_msg: '签名错误' }))
    const [finding] = of('v2 signature', findings)
    expect(finding).toMatchObject({ state: 'fault', advice: expect.stringContaining('APIv2密钥') as string })
    const text = /^ {2}(appid=.*)$/m.exec(finding?.detail ?? '')?.[1] ?? ''
    expect(text).toMatch(/^appid=wx\w+&mch_id=\d+&nonce_str=\w+&out_trade_no=DOCTOR\w+&sign_type=MD5&key=\*{4}$/)
    expect(finding?.detail).toContain(sha256(text))
    expect(finding?.detail).toContain('WeChat says "签名错误"')
    expect(JSON.stringify(findings)).not.toContain(v2.key)
  })

  it.each([
    ['商户号mch_id与appid不匹配', /Bind the appid/],
    ['appid不存在', /Correct the appid/],
    ['商户号mch_id不存在', /Correct the merchant number/],
    ['受理机构必须传入sub_mch_id', /service provider/],
    ['缺少参数', /read its words/],
  ])('has an advice of its own for %s', async (words, advice) => {
    const findings = await diagnosedV2(unsignedMessage({ return_code: 'FAIL', retmsg: words }))
    const [finding] = of('v2 signature', findings)
    expect(finding).toMatchObject({ state: 'fault', detail: `WeChat says "${words}"` })
    expect(finding?.advice).toMatch(advice)
  })

  it.each([
    ['a wrong signature', signedMessage(failing('ORDERNOTEXIST'), 'MD5', 'x'.repeat(32)), 'fault', 'cannot be verified'],
    ['no signature', unsignedMessage(failing('ORDERNOTEXIST')), 'fault', 'has no signature'],
    ['the other sign type', signedMessage(failing('ORDERNOTEXIST'), 'HMAC-SHA256'), 'fault', 'signed by HMAC-SHA256, not by MD5'],
    ['another merchant', signedMessage({ ...failing('ORDERNOTEXIST'), mch_id: '1900000000' }), 'fault', 'another merchant'],
    ['a probe', unsignedMessage({ ...failing('ORDERNOTEXIST'), sign: 'WECHATPAY/SIGNTEST/abc' }), 'warning', 'SIGNTEST'],
    ['a moment of trouble', signedMessage(failing('SYSTEMERROR')), 'warning', 'SYSTEMERROR'],
    ['a product that is not opened', signedMessage(failing('NOAUTH')), 'fault', 'NOAUTH'],
  ])('tells an answer with %s', async (_name, message, state, words) => {
    expect(of('v2 signature', await diagnosedV2(message))).toMatchObject([{ state, detail: expect.stringContaining(words) as string }])
  })

  it("tells an answer that is not WeChat's", async () => {
    const findings = await diagnosedV2('<html>Welcome to our Wi-Fi</html>')
    expect(of('connection', findings)[1]).toMatchObject({ state: 'fault', detail: expect.stringContaining("not WeChat's XML") as string })
  })
})

describe('the diagnosis of v3', () => {
  const notFound = (response: ServerResponse) => answerError(response, 404, 'ORDER_NOT_EXIST', '订单不存在')
  const isList = ({ path }: Received) => path === '/v3/certificates'
  const certificates = certificatesOf(keys.platform_cert_old, keys.platform_cert_new)

  /** WeChat for who has certificates. */
  const listing: Behaviour = (response, received) => {
    if (isList(received)) answerSigned(response, certificates, publicKey)
    else notFound(response)
  }
  /** WeChat for who came after them. */
  const publicKeyOnly: Behaviour = (response, received) => {
    if (isList(received)) answerError(response, 404, 'RESOURCE_NOT_EXISTS', '无可用的平台证书')
    else notFound(response)
  }
  const diagnosedV3 = (behave: Behaviour, settings: Partial<V3Settings> = {}, options: Partial<DiagnosisOptions> = {}) =>
    diagnosed(behave, {
      ...{ appId: keys.appid, mchId: keys.mchid, now: () => vectorsNow, v3: { ...v3Settings, ...settings } },
      ...options,
    })
  /** The clock of the vectors stands still, the server's does not. */
  const seen = (findings: readonly Finding[]) => faults(findings).filter((line) => !line.startsWith('clock'))

  it('is content when the request is accepted, the list opened and its signature right', async () => {
    const findings = await diagnosedV3(listing)
    expect(seen(findings)).toEqual([])
    expect(of('v3 answers', findings)).toMatchObject([{ state: 'ok', detail: expect.stringContaining('PUB_KEY_ID_') as string }])
    expect(of('v3 key', findings)).toHaveLength(2)
  })

  it('says what it has not seen: without certificates and orders WeChat signs nothing', async () => {
    expect(seen(await diagnosedV3(publicKeyOnly))).toEqual(['v3 answers warning'])
  })

  it('sees a signed answer when it is told of a payment', async () => {
    const behave: Behaviour = (response, received, request) => {
      if (received.path?.includes('ORDER20260101000001')) answerSigned(response, paidTransaction)
      else publicKeyOnly(response, received, request)
    }
    const outTradeNo = paidTransaction.out_trade_no
    expect(seen(await diagnosedV3(behave, {}, { outTradeNo }))).toEqual([])
    const other = { id: keys.wechatpay_public_key.id, pem: otherPublicKey }
    expect(seen(await diagnosedV3(behave, { publicKey: other }, { outTradeNo }))).toEqual(['v3 answers fault'])
  })

  it('wants the public key when there are no certificates', async () => {
    const findings = await diagnosedV3(publicKeyOnly, { publicKey: null })
    expect(seen(findings)).toContain('platform certificates fault')
  })

  it('does not take a refusal for the word that there are no certificates', async () => {
    const behave: Behaviour = (response, received) => (isList(received) ? answerError(response, 403, 'NO_AUTH') : notFound(response))
    expect(seen(await diagnosedV3(behave))).toContain('platform certificates warning')
  })

  it('verifies by certificates when there is no public key', async () => {
    const behave: Behaviour = (response, received) =>
      isList(received) ? answerSigned(response, certificates, newCertificate) : notFound(response)
    expect(seen(await diagnosedV3(behave, { publicKey: null }))).toEqual([])
  })

  it('warns when WeChat signs with a certificate though our public key was named: before the switch, or a wrong id', async () => {
    const behave: Behaviour = (response, received) =>
      isList(received) ? answerSigned(response, certificates, newCertificate) : notFound(response)
    expect(seen(await diagnosedV3(behave))).toEqual(['v3 answers warning'])
  })

  it('notices an APIv3 key that opens nothing', async () => {
    const findings = await diagnosedV3(listing, { key: 'x'.repeat(32) })
    expect(seen(findings)).toEqual(['v3 key fault'])
  })

  it('names both keys when WeChat signs with one that is not here', async () => {
    const unknown = { ...oldCertificate, serial: 'PUB_KEY_ID_0000000000000000000000000000000001' }
    const behave: Behaviour = (response, received) =>
      isList(received) ? answerSigned(response, certificates, unknown) : notFound(response)
    const [finding] = of('v3 answers', await diagnosedV3(behave))
    expect(finding?.state).toBe('fault')
    for (const serial of [unknown.serial, keys.wechatpay_public_key.id]) expect(finding?.detail).toContain(serial)
  })

  it('notices that somebody on the way took the Wechatpay headers off', async () => {
    const behave: Behaviour = (response, received) => (isList(received) ? response.end(JSON.stringify(certificates)) : notFound(response))
    const [finding] = of('v3 answers', await diagnosedV3(behave))
    expect(finding).toMatchObject({ state: 'fault', detail: expect.stringContaining('wechatpay-timestamp is missing') as string })
  })

  it('R8 asks again when WeChat sends a probe', async () => {
    let asked = 0
    const text = JSON.stringify(certificates)
    const behave: Behaviour = (response, received) => {
      if (!isList(received)) return notFound(response)
      if (++asked === 1) response.writeHead(200, probeOf(text)).end(text)
      else answerSigned(response, certificates)
    }
    expect(seen(await diagnosedV3(behave))).toEqual([])
    expect(asked).toBe(2)
  })

  const refusing =
    (message: string, detail?: unknown): Behaviour =>
    (response) =>
      void response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'SIGN_ERROR', message, detail }))

  it.each([
    ['Http头Authorization中的timestamp与发起请求的时间不得超过5分钟', 'the clock is wrong'],
    ['商户证书序列号有误。请使用签名私钥匹配的证书序列号', 'wrong serial'],
    ['商户证书已过期', 'no longer valid'],
    ['已更换证书，请使用新证书', 'no longer valid'],
    ['商户未申请过证书。', 'no API certificate'],
    ['商户未设置APIv3密钥。', 'no APIv3 key'],
    ['Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》', 'Authorization header did not arrive'],
  ])('has an advice of its own for %s', async (message, words) => {
    const [finding] = of('v3 signature', await diagnosedV3(refusing(message)))
    expect(finding).toMatchObject({ state: 'fault', detail: expect.stringContaining(words) as string })
    expect(finding?.detail).toContain(keys.merchant.serial_no)
  })

  /** As WeChat tells it: the text cut short, its length whole. */
  const notMatching =
    (change: (text: string) => string): Behaviour =>
    (response, received, request) => {
      const [, nonce = '', timestamp = ''] = /nonce_str="(\w+)",timestamp="(\d+)"/.exec(request.headers.authorization ?? '') ?? []
      const text = change(`${received.method ?? ''}\n${received.path ?? ''}\n${timestamp}\n${nonce}\n\n`)
      const sign_information = { method: 'GET', sign_message_length: text.length, truncated_sign_message: text, url: received.path }
      refusing('签名错误', { issue: 'sign not match', sign_information })(response, received, request)
    }

  it('blames the key when WeChat has verified the very same text', async () => {
    const findings = await diagnosedV3(
      notMatching((text) => text),
      { merchantPrivateKey: otherMerchant, merchantCertificate: null },
    )
    const [finding] = of('v3 signature', findings)
    expect(finding?.detail).toMatch(/Both are the same/)
    expect(finding?.advice).toMatch(/The text is right, the key is not/)
    const signed = [...(finding?.detail.split('WeChat verified')[0] ?? '').matchAll(/^ {2}\d {2}(.*)$/gm)].map(([, line]) => line)
    expect(signed).toEqual([
      'GET',
      expect.stringContaining('DOCTOR'),
      String(vectorsNow / 1000),
      expect.stringMatching(/^[0-9A-F]{32}$/),
      '(empty)',
    ])
    expect(finding?.detail).toContain(sha256(`${signed.slice(0, 4).join('\n')}\n\n`))
  })

  it('points at the first line that was changed on the way', async () => {
    const findings = await diagnosedV3(notMatching((text) => text.replace('\n/v3', '\n/wechat/v3')))
    const [finding] = of('v3 signature', findings)
    expect(finding?.detail).toMatch(/The first line that differs is line 2:\n {2}ours {6}\/v3\/pay.*\n {2}WeChat's {2}\/wechat\/v3\/pay/)
    expect(finding?.advice).toMatch(/proxy/)
  })

  it('cannot sign with what is no private key, and says so', async () => {
    const findings = await diagnosedV3(listing, { merchantPrivateKey: keys.merchant.certificate_pem })
    expect(seen(findings)).toEqual(['private key fault', 'v3 signature warning'])
  })

  it('never shows a secret, whatever is wrong', async () => {
    const secrets = [keys.apiv3_key, keys.merchant.private_key_pem.split('\n')[5] ?? '', otherMerchant.split('\n')[5] ?? '']
    for (const behave of [listing, publicKeyOnly, refusing('签名错误'), notMatching((text) => `${text}!`)]) {
      for (const merchantPrivateKey of [keys.merchant.private_key_pem, otherMerchant, keys.apiv3_key]) {
        const shown = JSON.stringify(await diagnosedV3(behave, { merchantPrivateKey }))
        for (const secret of secrets) expect(shown).not.toContain(secret)
      }
    }
  })
})

describe('the connection', () => {
  const nobody: Behaviour = (response) => void response.writeHead(404).end()

  it('is a fault when nobody answers, and nothing more is asked', async () => {
    const apiUrl = await refusingUrl()
    const findings = await diagnosed(nobody, { v2, apiUrl })
    expect(faults(findings)).toEqual(['connection fault', 'v2 signature warning'])
    expect(of('connection', findings)[0]?.detail).toContain('refused')
  })

  it('goes by the backup when only that answers', async () => {
    const apiUrl = await refusingUrl()
    const server = await startServer(
      (response) => void response.end(signedMessage({ ...answerParts, result_code: 'FAIL', err_code: 'ORDERNOTEXIST' })),
    )
    onTestFinished(server.close)
    const findings = await diagnosed(nobody, { v2, apiUrl, apiBackupUrl: server.url })
    expect(faults(findings)).toEqual(['connection fault'])
    expect(of('v2 signature', findings)).toMatchObject([{ state: 'ok' }])
  })

  it('warns of a backup that does not answer', async () => {
    const apiBackupUrl = await refusingUrl()
    const answer = signedMessage({ ...answerParts, result_code: 'FAIL', err_code: 'ORDERNOTEXIST' })
    const findings = await diagnosed((response) => void response.end(answer), { v2, apiBackupUrl })
    expect(faults(findings)).toEqual(['connection warning'])
  })

  it('tells a cut from a silence', async () => {
    expect(of('connection', await diagnosed((_response, _received, request) => reset(request), { v2 }))[0]?.detail).toContain('cut')
    expect(of('connection', await diagnosed(() => undefined, { v2, timeoutMs: 50 }))[0]?.detail).toContain('no answer in time')
  })

  it('R22 shows a clock that is wrong by what WeChat’s answers tell', async () => {
    const behave: Behaviour = (response) => void response.writeHead(404, { date: new Date(Date.now() + 3_600_000).toUTCString() }).end()
    expect(of('clock', await diagnosed(behave, { v2 }))).toMatchObject([
      { state: 'fault', detail: expect.stringContaining('60 min behind') as string },
    ])
  })
})
