import type { MockControl } from './mockControl.ts'
import type { Protocol } from './protocol.ts'
import type { Random } from './random.ts'

interface Fault {
  on: 'create' | 'query' | 'close' | '*' | 'notice'
  kind: string
  /** The highest that is drawn: what hangs until a time-out is rare, so that the run goes on. */
  probability: number
  parameters?: Record<string, number>
}

/** What may befall our calls. None of it is WeChat's word that money came, or that it did not. */
const ofCalls: [Fault, ...Fault[]] = [
  { on: '*', kind: 'delay', probability: 0.5, parameters: { ms: 400 } },
  { on: '*', kind: 'timeout-before', probability: 0.08 },
  { on: '*', kind: 'timeout-after', probability: 0.08 },
  { on: '*', kind: 'reset-before', probability: 0.2 },
  { on: '*', kind: 'reset-after', probability: 0.2 },
  { on: '*', kind: 'http-502', probability: 0.2 },
  { on: '*', kind: 'SYSTEMERROR', probability: 0.2 },
  { on: '*', kind: 'SYSTEMERROR-after', probability: 0.2 },
  { on: '*', kind: 'FREQUENCY_LIMITED', probability: 0.1 },
  { on: '*', kind: 'cut-off', probability: 0.2 },
  { on: '*', kind: 'html', probability: 0.2 },
  { on: '*', kind: 'wrong-signature', probability: 0.2 },
  { on: 'close', kind: 'ORDERPAID', probability: 0.3 },
  { on: 'close', kind: 'paid-meanwhile', probability: 0.3 },
  { on: 'query', kind: 'paid-meanwhile', probability: 0.1 },
  { on: 'create', kind: 'before-answer', probability: 0.2 },
]

/** What may befall notices. After each the ladder goes on. */
const ofNotices: [Fault, ...Fault[]] = [
  { on: 'notice', kind: 'drop', probability: 0.5 },
  { on: 'notice', kind: 'unreachable', probability: 0.5 },
  { on: 'notice', kind: 'answer-lost', probability: 0.5 },
  { on: 'notice', kind: 'duplicate', probability: 0.5, parameters: { copies: 3 } },
  { on: 'notice', kind: 'duplicate-at-once', probability: 0.5, parameters: { copies: 8 } },
  { on: 'notice', kind: 'late', probability: 0.5, parameters: { ms: 20_000 } },
  { on: 'notice', kind: 'out-of-order', probability: 0.5 },
  { on: 'notice', kind: 'shuffled', probability: 0.5 },
  { on: 'notice', kind: 'wrong-key', probability: 0.3 },
  { on: 'notice', kind: 'other-appid', probability: 0.3 },
]

/** What only the newer protocol knows. */
const ofV3: { calls: Fault[]; notices: Fault[] } = {
  calls: [
    { on: '*', kind: 'http-202', probability: 0.2 },
    { on: '*', kind: 'unsigned', probability: 0.2 },
    { on: '*', kind: 'unknown-serial', probability: 0.2 },
    { on: '*', kind: 'signtest', probability: 0.3 },
    { on: '*', kind: 'stale', probability: 0.2 },
  ],
  notices: [
    { on: 'notice', kind: 'signtest', probability: 0.5 },
    { on: 'notice', kind: 'unknown-serial', probability: 0.3 },
    { on: 'notice', kind: 'stale', probability: 0.3 },
    { on: 'notice', kind: 'corrupted', probability: 0.3 },
    { on: 'notice', kind: 'wrong-aad', probability: 0.3 },
  ],
}

const calls: Record<Protocol, [Fault, ...Fault[]]> = { v2: ofCalls, v3: [...ofCalls, ...ofV3.calls] }
const notices: Record<Protocol, [Fault, ...Fault[]]> = { v2: ofNotices, v3: [...ofNotices, ...ofV3.notices] }

/** Puts other faults in the place of those that were there. */
export async function changeFaults(control: MockControl, random: Random, protocol: Protocol): Promise<string[]> {
  const pick = (from: Record<Protocol, [Fault, ...Fault[]]>) => random.pick(from[protocol])
  const chosen = [pick(calls), pick(calls), pick(notices), pick(notices)]
  await control.clearFaults()
  for (const { on, kind, probability, parameters } of chosen) {
    await control.orderFault({ on, kind, probability: random.next() * probability, seed: random.whole(2 ** 31), ...parameters })
  }
  return chosen.map(({ on, kind }) => `${kind} on ${on}`)
}
