import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { record, text, type Json } from './json.ts'

export interface OpenedCheckout {
  token: string
  codeUrl: string
}

const answersWithinMs = 30_000

/** Opens a checkout as a page does, and waits until its code is there. */
export async function openCheckout(apiPort: number): Promise<OpenedCheckout> {
  const url = `http://127.0.0.1:${apiPort}/v1/checkouts`
  let view = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ amountFen: 4580 }),
  })
  const giveUpAt = performance.now() + answersWithinMs
  while (view['action'] === null) {
    if (performance.now() > giveUpAt) throw new Error('the checkout has no code')
    await delay(50)
    view = await ask(`${url}/${text(view, 'token')}`)
  }
  return { token: text(view, 'token'), codeUrl: text(record(view['action']), 'codeUrl') }
}

async function ask(url: string, init: RequestInit = {}): Promise<Json> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(answersWithinMs) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return record(await response.json())
}
