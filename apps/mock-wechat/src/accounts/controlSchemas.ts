import { z } from 'zod'
import { merchantSettings, PushFormat, PushMode, settings } from './account.ts'
import { needsEncryption, needsXml, pushFaults, type PushFault } from './push/envelope.ts'
import { eventNames } from './push/message.ts'

const oneOf = { error: 'give appid or mchid, one of them', path: ['appid'] }

/** `mchid` means its official account. */
export const AccountsBody = z
  .strictObject({
    appid: z.string().optional(),
    mchid: z.string().optional(),
    ...z.object({ ...settings, ...merchantSettings }).partial().shape,
    /** false saves messagesUrl without asking it first, which the console cannot. */
    check: z.boolean().default(true),
  })
  .refine(({ appid, mchid }) => (appid === undefined) !== (mchid === undefined), oneOf)

export const LoginBody = z.strictObject({
  appid: z.string(),
  openid: z.string().optional(),
  /** jscode2session answers 40226. */
  blocked: z.boolean().default(false),
})

const isFault = (value: unknown): value is PushFault => typeof value === 'string' && Object.hasOwn(pushFaults, value)
const Fault = z.custom<PushFault>(isFault, { error: `unknown fault; known are ${Object.keys(pushFaults).join(', ')}` })

/** Which events have nothing to say without a key. */
const keyed: readonly string[] = ['SCAN', 'CLICK', 'VIEW']

export const PushBody = z
  .strictObject({
    appid: z.string(),
    openid: z.string().optional(),
    event: z.enum(eventNames).optional(),
    key: z.string().max(1024).optional(),
    text: z.string().min(1).max(2048).optional(),
    /** More fields, or other values for those that are there. */
    fields: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
    mode: PushMode.optional(),
    format: PushFormat.optional(),
    faults: z.array(Fault).default([]),
  })
  .superRefine(({ event, key, text }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if ((event === undefined) === (text === undefined)) problem('event', 'give event or text, one of them')
    if (event !== undefined && keyed.includes(event) && key === undefined) problem('key', `${event} needs key`)
    if (text !== undefined && key !== undefined) problem('key', 'a text has no key')
  })
export type PushBody = z.output<typeof PushBody>

/** Which of the faults would not strike. */
export const idleFaults = ({ faults }: Pick<PushBody, 'faults'>, { mode, format }: { mode: PushMode; format: PushFormat }): PushFault[] =>
  faults.filter((fault) => (mode === 'plain' && needsEncryption.includes(fault)) || (format === 'json' && needsXml.includes(fault)))

/** Pages hold numbers and texts alike; what is signed is their text. */
const Text = z.union([z.string(), z.number().transform(String)])

export const JsSdkBody = z.object({ appId: z.string(), timestamp: Text, nonceStr: z.string(), signature: z.string(), url: z.string() })
