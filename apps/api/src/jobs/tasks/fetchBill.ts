import {
  BillKindUnavailableError,
  WechatRefusedError,
  WechatUnknownOutcomeError,
  type BillAnswer,
  type BillFile,
} from 'wxpay-core/protocol'
import type { BillContext } from '../../commands/billContext.ts'
import { billGate } from '../../commands/steps/billGates.ts'
import { setBillAside } from '../../commands/steps/setBillAside.ts'
import { storeFile } from '../../commands/steps/storeBill.ts'
import { billRetryGapMs, mostCutOffTries, notReadyGapMs, triesBeforeAlarm, type BillProblem } from '../../domain/bill.ts'
import { beginTry, BillOvertakenError, type BillLease, type BillTurn } from '../../storage/billDuties.ts'
import { dropPieces } from '../../storage/billPieces.ts'
import { changeBill } from '../../storage/bills.ts'
import type { TaskContext } from './taskContext.ts'

/** Fetches a bill whose time has come, and keeps it, or says when it is tried again. The next turn is set before the call. */
export async function fetchBill({ bills }: TaskContext, turn: BillTurn): Promise<void> {
  const lease = await beginTry(bills.store.db, turn, { clock: bills.clock, counts: true })
  if (lease?.bill.state !== 'due') return
  try {
    const { kind, billDate } = lease.bill
    await follow(bills, lease, await billGate(bills.wechat, kind).downloadBill({ kind, billDate }))
  } catch (error) {
    if (error instanceof BillOvertakenError) return
    if (error instanceof BillKindUnavailableError) {
      await setBillAside(bills, lease, { code: 'kind-unavailable', detail: error.message })
      return
    }
    const code = problemCodes.find(([known]) => error instanceof known)?.[1]
    if (code === undefined || !(error instanceof Error)) throw error
    await tryLater(bills, lease, { problem: { code, detail: error.message }, gapMs: billRetryGapMs(lease.bill.tries) })
  }
}

/** A refusal, too, is tried again: what WeChat has against it may be put right in its merchant platform. */
const problemCodes = [
  [WechatUnknownOutcomeError, 'no-answer'],
  [WechatRefusedError, 'refused'],
] as const

async function follow(bills: BillContext, lease: BillLease, answer: BillAnswer): Promise<void> {
  switch (answer.state) {
    case 'not-ready':
      return tryLater(bills, lease, { problem: { code: 'not-ready', detail: 'WeChat has not made it yet' }, gapMs: notReadyGapMs })
    case 'empty':
      await dropPieces(bills.store.db, lease.turn)
      return keep(bills, lease, { plainBytes: 0, sha1: null })
    case 'ready':
      return store(bills, lease, answer.file)
  }
}

async function store(bills: BillContext, lease: BillLease, file: BillFile): Promise<void> {
  const { plainBytes, cutOff } = await storeFile(bills.store.db, lease, file)
  if (cutOff) {
    const problem: BillProblem = { code: 'cut-off', detail: `after ${plainBytes} bytes: ${cutOff.message}` }
    if (lease.bill.tries >= mostCutOffTries) return setBillAside(bills, lease, problem)
    return tryLater(bills, lease, { problem, gapMs: billRetryGapMs(lease.bill.tries) })
  }
  if (file.isWhole() === false) {
    return setBillAside(bills, lease, { code: 'wrong-hash', detail: `its SHA-1 is not ${file.sha1 ?? ''}, which WeChat announced` })
  }
  return keep(bills, lease, { plainBytes, sha1: file.sha1 })
}

/** To be compared at once. @param file.plainBytes - 0: WeChat says that nothing happened */
async function keep(
  { store: { db }, clock, alarms }: BillContext,
  { bill, turn }: BillLease,
  file: { plainBytes: number; sha1: string | null },
): Promise<void> {
  const now = clock.now()
  const change = { state: 'stored', problem: null, stored_at: now, next_try_at: now, row_count: null } as const
  if (!(await changeBill(db, turn, { ...change, sha1: file.sha1, plain_bytes: String(file.plainBytes) }))) return
  alarms.bill({ kind: bill.kind, outcome: file.plainBytes === 0 ? 'empty' : 'stored' })
}

async function tryLater(
  { store: { db }, clock, alarms }: BillContext,
  { bill, turn }: BillLease,
  { problem, gapMs }: { problem: BillProblem; gapMs: number },
): Promise<void> {
  if (!(await changeBill(db, turn, { problem, next_try_at: new Date(clock.now().getTime() + gapMs) }))) return
  alarms.bill({ kind: bill.kind, outcome: problem.code })
  if (bill.tries === triesBeforeAlarm) alarms.missing(bill, problem)
}
