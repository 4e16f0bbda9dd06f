import { routes } from 'wxpay-core/contract'
import { readObject, readText } from './read.ts'
import type { Shop } from './shop.ts'

/** POST /v1/checkouts, as somebody does who has no page. @returns what the refusal says */
export async function refusalOf({ url }: Shop, body: object): Promise<{ status: number; code: string }> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
  const answer = await fetch(url + routes.checkouts, { method: 'POST', headers, body: JSON.stringify(body) })
  const { error } = readObject(await answer.json())
  return { status: answer.status, code: readText(readObject(error, 'error'), 'code') }
}
