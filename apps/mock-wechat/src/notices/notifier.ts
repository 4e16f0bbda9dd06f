import type { Clock } from '../clock.ts'
import type { Switches } from '../config.ts'
import type { Faults, Struck } from '../faults/faults.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Merchants } from '../merchants.ts'
import { nextDueRefund, settleDue } from '../refunds/settleDue.ts'
import { createSlots } from '../support/slots.ts'
import { createSpread } from '../support/spread.ts'
import { deliver } from './deliver.ts'
import type { Notice } from './notice.ts'
import { outgoing } from './outgoing.ts'
import type { Post } from './post.ts'
import { probe } from './probe.ts'
import { wayBack } from './wayBack.ts'

export interface NotifierDependencies {
  ledger: Ledger
  clock: Clock
  faults: Faults
  merchants: Merchants
  switches: Switches
  post: Post
}

export type Notifier = ReturnType<typeof createNotifier>

/** setTimeout holds 32 bits. */
const longestTimer = 2 ** 31 - 1
const deliveriesAtOnce = 64

/** Finishes the refunds and sends the notices that are due, now and by itself later, and lets the virtual clock run ahead rung by rung. */
export function createNotifier(dependencies: NotifierDependencies) {
  const { ledger, clock, faults, switches } = dependencies
  const draw = createSpread()
  const inFlight = new Map<string, Promise<void>>()
  /** Notices that wait for another one, and for which. */
  const overtaken = new Map<string, (by: Notice) => boolean>()
  const inSlot = createSlots(deliveriesAtOnce)
  const stopping = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let advancing: Promise<unknown> = Promise.resolve()

  function wake(): void {
    if (stopping.signal.aborted) return
    settleDue(ledger, clock)
    for (const notice of ledger.waiting()) if (isDue(notice)) start(notice.id, false)
    arm()
  }

  const isDue = (notice: Notice) => !inFlight.has(notice.id) && notice.nextAttemptAt !== null && notice.nextAttemptAt <= clock.now()

  function arm(): void {
    clearTimeout(timer)
    const next = nextDue()
    if (next !== undefined) timer = setTimeout(wake, Math.min(Math.max(next - clock.now(), 1), longestTimer))
  }

  function nextDue(): number | undefined {
    const notices = ledger.waiting().flatMap(({ id, nextAttemptAt }) => (nextAttemptAt === null || inFlight.has(id) ? [] : nextAttemptAt))
    const times = [nextDueRefund(ledger) ?? [], notices].flat()
    return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b))
  }

  function start(id: string, resent: boolean): void {
    const attempt = inSlot(() => attemptOnce(id, resent)).finally(() => {
      inFlight.delete(id)
      wake()
    })
    inFlight.set(id, attempt)
  }

  async function attemptOnce(id: string, resent: boolean): Promise<void> {
    await ledger.durable() // nobody hears of a payment that a power cut could still undo
    const notice = ledger.notice(id)
    const trade = notice && ledger.find(notice.mchid, notice.outTradeNo)
    const merchant = notice && dependencies.merchants.find(notice.mchid)
    if (!notice || !trade || !merchant) return
    const struck = [...faults.strike('notice', notice), ...probe(notice, merchant, resent)]
    if (!resent && postpone(notice, struck)) return
    const [at, startedAt] = [clock.now(), performance.now()]
    const message = outgoing({ notice, trade, merchant, switches, now: clock.realNow, draw }, struck)
    const outcome = await deliver(notice.url, message, struck, dependencies.post, stopping.signal)
    if (stopping.signal.aborted) return // unknown outcome: after the restart it goes out again
    const durationMs = Math.round(performance.now() - startedAt)
    ledger.attempted(id, { ...outcome, at, durationMs, faults: struck.map(({ kind }) => kind), resent })
    releaseOvertaken(notice)
    await ledger.durable()
  }

  function postpone(notice: Notice, struck: readonly Struck[]): boolean {
    const way = notice.postponed ? undefined : wayBack(notice, struck, overtaken.size > 0)
    if (!way) return false
    if (way.after) overtaken.set(notice.id, way.after)
    ledger.postpone(notice, clock.now() + way.ms)
    return true
  }

  function releaseOvertaken(by: Notice): void {
    for (const [id, isAwaited] of overtaken) {
      if (id === by.id || !isAwaited(by)) continue
      overtaken.delete(id)
      const notice = ledger.notice(id)
      if (notice?.state === 'waiting') ledger.postpone(notice, clock.now())
    }
  }

  /** Sends everything that is due and waits until nothing is due or under way. */
  async function settle(): Promise<void> {
    wake()
    while (inFlight.size > 0) {
      await Promise.allSettled(inFlight.values())
      wake()
    }
  }

  async function climb(target: number): Promise<void> {
    for (;;) {
      await settle()
      const next = nextDue()
      if (stopping.signal.aborted || next === undefined || next > target) break
      ledger.moveClock(next)
    }
    ledger.moveClock(target)
    await settle()
    await ledger.durable()
  }

  return {
    wake,
    /** Resolves when no delivery of the notice is under way any more. */
    tried: async (id: string): Promise<void> => inFlight.get(id),
    async resend(id: string): Promise<void> {
      while (inFlight.has(id)) await inFlight.get(id)
      start(id, true)
      await inFlight.get(id)
    },
    /** Moves the virtual clock; each rung in between is sent at its own moment. Resolves after the last was tried. One at a time. */
    advance(ms: number): Promise<void> {
      const done = advancing.then(() => climb(clock.now() + ms))
      advancing = done.catch(() => undefined)
      return done
    },
    /** After a reset nothing waits to be overtaken. */
    forget: () => overtaken.clear(),
    async stop(): Promise<void> {
      clearTimeout(timer)
      stopping.abort()
      await Promise.allSettled(inFlight.values())
    },
  }
}
