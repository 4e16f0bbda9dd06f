import type { Struck } from '../faults/faults.ts'
import { sleep } from '../support/sleep.ts'
import type { Outgoing } from './message.ts'
import type { Outcome, Post } from './post.ts'

const lost = (error: string): Outcome => ({ status: null, body: null, error, acknowledged: false })

/** One delivery, with what faults do to its way there and back. Several copies count as one: acknowledged if any was. */
export async function deliver(url: string, notice: Outgoing, struck: readonly Struck[], post: Post, signal: AbortSignal): Promise<Outcome> {
  const find = (kind: Struck['kind']) => struck.find((fault) => fault.kind === kind)
  await sleep(find('delay')?.ms ?? 0)
  if (find('drop')) return lost('lost on the way')
  if (find('unreachable')) return lost('ECONNREFUSED the receiver cannot be reached')
  const send = () => post(url, notice, signal)
  const outcomes = [await sendCopies(send, find('duplicate-at-once')?.copies ?? (find('duplicate-at-once') ? 2 : 1))]
  const repeats = find('duplicate') ? (find('duplicate')?.copies ?? 2) - 1 : 0
  for (let sent = 0; sent < repeats; sent += 1) outcomes.push([await send()])
  const all = outcomes.flat()
  const best = all.find(({ acknowledged }) => acknowledged) ?? all[0] ?? lost('not sent')
  return find('answer-lost') ? { ...best, error: 'the answer was lost', acknowledged: false } : best
}

const sendCopies = (send: () => Promise<Outcome>, copies: number) => Promise.all(Array.from({ length: copies }, send))
