import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { createClock } from '../clock.ts'
import { defaultSwitches } from '../config.ts'
import { createFaults, type FaultOrder } from '../faults/faults.ts'
import { openLedger } from '../ledger/ledger.ts'
import type { Trade } from '../ledger/trade.ts'
import { openMerchants, type Merchant } from '../merchants.ts'
import { createNotifier } from '../notices/notifier.ts'
import { createPost } from '../notices/post.ts'
import { createPayer } from '../payer.ts'
import { openResource } from '../v3/aead.ts'
import { isSignedBy, messageText } from '../v3/sign.ts'
import { temporaryFolder } from './bench.ts'
import { provideMerchants } from './merchants.ts'
import { openReceiver, type Reply } from './receiver.ts'
import { newNumber } from './shop.ts'

export interface Delivered {
  headers: IncomingHttpHeaders
  body: string
}

export const noContent: Reply = (response) => void response.writeHead(204).end()

/** The notifier alone on a clock that stands still, with trades of protocol v3 put straight into its ledger. */
export async function openNoticeBench(reply: Reply = noContent, { timeoutMs = 5_000, dataDir = temporaryFolder() } = {}) {
  await provideMerchants(dataDir)
  const dir = join(dataDir, 'mock-wechat')
  const frozen = Date.now()
  const clock = createClock(() => frozen)
  const [merchants, ledger, faults] = [await openMerchants(dir), await openLedger(dir, clock), createFaults()]
  const { post, close } = createPost(timeoutMs)
  const notifier = createNotifier({ ledger, clock, faults, merchants, switches: defaultSwitches, post })
  const payer = createPayer({ ledger, clock, notifier })
  const delivered: Delivered[] = []
  let answer = reply
  const receiver = await openReceiver((response, body, request) => {
    delivered.push({ headers: request.headers, body })
    answer(response, body, request)
  })
  onTestFinished(async () => {
    await notifier.stop()
    await close()
    await ledger.close()
  })
  const merchant = merchants.all[0]
  if (!merchant) throw new Error('no merchant')

  return {
    dataDir,
    ledger,
    merchants,
    mchid: merchant.mchid,
    merchant: (): Merchant => merchants.find(merchant.mchid) ?? merchant,
    delivered,
    frozen,
    order: (fault: Omit<FaultOrder, 'on'>) => faults.order({ on: 'notice', ...fault }),
    behave: () => faults.clear(),
    answerWith: (next: Reply) => {
      answer = next
    },
    advance: (ms: number) => notifier.advance(ms),
    async pay(more: Partial<Trade> = {}, choice: { couponFen?: number } = {}): Promise<string> {
      const trade = v3Trade({ mchid: merchant.mchid, appid: merchant.appids[0] ?? '', notifyUrl: receiver.url, now: frozen, ...more })
      ledger.create(trade)
      payer.pay(trade, choice)
      await notifier.advance(0)
      return trade.outTradeNo
    },
    notice: () => {
      const [notice] = ledger.notices()
      if (!notice) throw new Error('no notice')
      return notice
    },
  }
}

export function v3Trade({ now, ...given }: Partial<Trade> & Pick<Trade, 'mchid' | 'appid' | 'notifyUrl'> & { now: number }): Trade {
  const outTradeNo = newNumber()
  return {
    protocol: 'v3',
    outTradeNo,
    tradeType: 'NATIVE',
    totalFen: 4580,
    description: '海图',
    attach: null,
    deviceInfo: null,
    nonce: null,
    signType: null,
    payerOpenid: null,
    payerIp: null,
    parameters: {},
    prepayId: 'wx1',
    codeUrl: `weixin://wxpay/bizpayurl?pr=${outTradeNo}`,
    createdAt: now,
    expiresAt: now + 900_000,
    codeExpiresAt: now + 7_200_000,
    closedAt: null,
    declines: [],
    payment: null,
    ...given,
  }
}

/** Whose key signed it, by trying them all; undefined when none did. */
export function signerOf({ headers, body }: Delivered, { platform }: Merchant): string | undefined {
  const text = Buffer.from(messageText(header(headers, 'wechatpay-timestamp'), header(headers, 'wechatpay-nonce'), body))
  const keys = [{ serial: platform.publicKeyId, certificate: platform.publicKey }, ...platform.certificates]
  return keys.find(({ certificate }) => isSignedBy(text, header(headers, 'wechatpay-signature'), certificate))?.serial
}

export function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

const Envelope = z.looseObject({ resource: z.looseObject({ ciphertext: z.string(), associated_data: z.string(), nonce: z.string() }) })

export const readEnvelope = (body: string): z.infer<typeof Envelope> => Envelope.parse(JSON.parse(body))

/** The plaintext of a notice's resource. @throws when it cannot be opened */
export function openNotice({ body }: Delivered, { apiV3Key }: Pick<Merchant, 'apiV3Key'>): unknown {
  return JSON.parse(openResource(apiV3Key, readEnvelope(body).resource))
}
