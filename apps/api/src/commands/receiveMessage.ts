import type { AccountMessage } from '../domain/accountMessage.ts'
import type { Handler, HandlerContext } from '../officialAccount/handlers.ts'
import { PushRefusedError, type MessageSettings, type OpenedPush } from '../officialAccount/push.ts'
import { recordPush, recordReply, type PushRecord, type RecordedPush } from '../storage/accountMessages.ts'
import { findCheckout } from '../storage/checkouts.ts'
import type { Logger } from '../support/logger.ts'
import type { AccountContext } from './accountContext.ts'

/** Longer than a push may take in all. A process that is not through by then is taken for dead. */
const leaseMs = 10_000

export interface MessageContext extends Pick<AccountContext, 'db' | 'clock' | 'publicUrl'> {
  handlers: ReadonlyMap<string, Handler>
  logger: Pick<Logger, 'error' | 'warn'>
}

/** The database did not take it in time: WeChat has to send it again. */
export class MessageNotStoredError extends Error {
  override readonly name = 'MessageNotStoredError'
}

export interface ReceivedMessage {
  /** What the sender is told; null for nothing. */
  reply: string | null
  /** What became of it, for the counter. `late`, `failed`: the handler's fault, nothing is said. */
  outcome: 'handled' | 'repeat' | 'unhandled' | 'late' | 'failed' | 'ignored'
}

/**
 * Stores what happened in the chat, has it handled once, and says within the time what to answer.
 *
 * @param withinMs - all of it
 * @throws {PushRefusedError} for a replay
 * @throws {MessageNotStoredError}
 */
export async function receiveMessage(
  context: MessageContext,
  { appId }: MessageSettings,
  { message, envelopeHash }: OpenedPush,
  withinMs: number,
): Promise<ReceivedMessage> {
  if (message === null) return { reply: null, outcome: 'ignored' }
  const { db, clock } = context
  const deadline = startDeadline(withinMs)
  try {
    const push = { appId, message, envelopeHash, now: clock.now(), leaseMs }
    const recorded = await deadline.orElse(record(context, push), null)
    if (recorded === null) throw new MessageNotStoredError('the database took too long')
    if (recorded.state !== 'ours') return { reply: recorded.state === 'handled' ? recorded.reply : null, outcome: 'repeat' }
    const handled = await deadline.orElse(handle(context, message), { reply: null, outcome: 'late' as const })
    const reply = { id: recorded.id, envelopeHash, reply: handled.reply, now: clock.now() }
    await deadline.orElse(
      db.transaction().execute((tx) => recordReply(tx, reply)),
      undefined,
    )
    return handled
  } finally {
    deadline.end()
  }
}

/** A replay leaves nothing behind: what was written is rolled back. */
function record({ db }: MessageContext, push: PushRecord): Promise<RecordedPush> {
  return db.transaction().execute(async (tx) => {
    const recorded = await recordPush(tx, push)
    if (recorded.state === 'replayed') throw new PushRefusedError('replayed')
    return recorded
  })
}

async function handle({ db, publicUrl, handlers, logger }: MessageContext, message: AccountMessage): Promise<ReceivedMessage> {
  const handler = handlers.get(message.type)
  if (!handler) return { reply: null, outcome: 'unhandled' }
  const context: HandlerContext = {
    publicUrl,
    findOrder: async (token) => (await findCheckout(db, { token }))?.order ?? null,
  }
  try {
    return { reply: await handler(message, context), outcome: 'handled' }
  } catch (error) {
    logger.error({ err: error, type: message.type }, 'a handler of messages failed: nothing is answered')
    return { reply: null, outcome: 'failed' }
  }
}

/** One limit for several steps. What comes too late is dropped, and so is its failure. */
function startDeadline(withinMs: number) {
  const { promise: over, resolve } = Promise.withResolvers<'over'>()
  const timer = setTimeout(() => resolve('over'), Math.max(0, withinMs))
  return {
    async orElse<T, F>(work: Promise<T>, fallback: F): Promise<T | F> {
      work.catch(() => undefined)
      const result = await Promise.race([work.then((value) => ({ value })), over])
      return result === 'over' ? fallback : result.value
    },
    end: () => clearTimeout(timer),
  }
}
