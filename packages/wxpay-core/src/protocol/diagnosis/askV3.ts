import { randomBytes } from 'node:crypto'
import { authorize, requestMessage, type Merchant } from '../v3/sign.ts'
import { isProbe } from '../v3/probe.ts'
import type { Answered, Line, NotAnswered } from './exchange.ts'

/** A signed line to one of WeChat's addresses. */
export interface V3Caller {
  line: Line
  apiUrl: string
  merchant: Merchant
  /** Named in each request, so that WeChat signs its answer with it. */
  publicKeyId: string | undefined
  /** Unix time in milliseconds. */
  now: () => number
}

export interface V3Exchange {
  /** Its path without query: the call's name. */
  call: string
  /** The five lines that we signed. */
  signed: string
  answer: Answered | NotAnswered
}

/** A signed GET, as the service makes it; asked again once when WeChat tests us with a wrong signature (rule R8). */
export async function askV3(caller: V3Caller, pathAndQuery: string): Promise<V3Exchange> {
  const exchange = await askOnce(caller, pathAndQuery)
  return isProbed(exchange.answer) ? askOnce(caller, pathAndQuery) : exchange
}

async function askOnce({ line, apiUrl, merchant, publicKeyId, now }: V3Caller, pathAndQuery: string): Promise<V3Exchange> {
  const nonce = randomBytes(16).toString('hex').toUpperCase()
  const request = { method: 'GET', pathAndQuery, timestamp: Math.floor(now() / 1000), nonce, body: '' } as const
  const headers = {
    accept: 'application/json',
    authorization: await authorize(merchant, request),
    ...(publicKeyId !== undefined && { 'wechatpay-serial': publicKeyId }),
  }
  const answer = await line.ask(apiUrl, { method: 'GET', path: pathAndQuery, headers })
  return { call: `GET ${pathAndQuery.replace(/\?.*/s, '')}`, signed: requestMessage(request), answer }
}

function isProbed(answer: Answered | NotAnswered): boolean {
  const signature = answer.came ? answer.headers['wechatpay-signature'] : undefined
  return typeof signature === 'string' && isProbe(signature)
}
