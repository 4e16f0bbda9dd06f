import type { Random } from './random.ts'
import type { MockControl, Paying } from './mockControl.ts'
import type { Answer, ShopClient, View } from './shopClient.ts'
import { until } from './until.ts'

/** What one shopper was told: the books must agree with it in the end. */
export interface Diary {
  readonly story: Story
  readonly key: string
  readonly amountFen: number
  token: string | null
  /** The API answered 200 to a cancel. */
  cancelled: boolean
  /** The API showed "paid". */
  sawPaid: boolean
  /** WeChat told the phone that the money is gone. */
  phonePaid: boolean
  /** The highest version that was shown. */
  version: number
  /** Versions that were lower than one shown before. */
  stepsBack: number
}

export type Story = keyof typeof stories

interface Shopper {
  shop: ShopClient
  control: MockControl
  random: Random
  diary: Diary
  token: string
  /** A new key for each new wish. */
  newKey(): string
}

const stories = {
  pays: async (shopper: Shopper) => pay(shopper, await code(shopper)),
  'mistypes, then pays': async (shopper: Shopper) => {
    const view = await code(shopper)
    if (view.codeUrl) await onPhone({ codeUrl: view.codeUrl }, shopper.control.mistype)
    await pay(shopper, view)
  },
  'takes a new code and pays': async (shopper: Shopper) => {
    await oldCode(shopper)
    await refresh(shopper)
    await pay(shopper, await code(shopper))
  },
  'takes a new code and pays the old one': async (shopper: Shopper) => {
    const old = await oldCode(shopper)
    await refresh(shopper)
    await pay(shopper, old)
  },
  'pays while asking for a new code': async (shopper: Shopper) => {
    const old = await oldCode(shopper)
    await Promise.all([refresh(shopper), pay(shopper, old)])
  },
  'asks for a new code in two tabs, then pays': async (shopper: Shopper) => {
    await oldCode(shopper)
    await Promise.all([refresh(shopper), refresh(shopper)])
    await pay(shopper, await code(shopper))
  },
  'pays when the code expires': async (shopper: Shopper) => pay(shopper, await oldCode(shopper, 300)),
  'asks for more time, then pays': async (shopper: Shopper) => {
    const view = await oldCode(shopper)
    await shopper.shop.extend(shopper.token)
    await pay(shopper, view)
  },
  cancels: async (shopper: Shopper) => {
    await code(shopper)
    await cancel(shopper)
  },
  'cancels before there is a code': cancel,
  'pays while cancelling': async (shopper: Shopper) => {
    const view = await code(shopper)
    await Promise.all([cancel(shopper), pay(shopper, view)])
  },
  'cancels in one tab, asks for a new code in another': async (shopper: Shopper) => {
    await oldCode(shopper)
    await Promise.all([cancel(shopper), refresh(shopper)])
  },
  leaves: async (shopper: Shopper) => void (await code(shopper)),
} satisfies Record<string, (shopper: Shopper) => Promise<unknown>>

const storyNames = Object.keys(stories).filter((name): name is Story => name in stories)

export interface ShopperOptions {
  /** Which of the stories; every one has its turn. */
  index: number
  shop: ShopClient
  control: MockControl
  random: Random
}

/** Lives one story to its end; the diary is filled on the way. */
export async function live({ index, shop, control, random }: ShopperOptions, diaries: Diary[]): Promise<void> {
  const story = storyNames[index % storyNames.length] ?? 'pays'
  const key = `shopper-${index}-${random.whole(2 ** 31)}`
  const diary: Diary = {
    story,
    key,
    amountFen: 1 + random.whole(99_999),
    token: null,
    cancelled: false,
    sawPaid: false,
    phonePaid: false,
    version: 0,
    stepsBack: 0,
  }
  diaries.push(diary)
  const { token } = await shop.open(key, diary.amountFen)
  diary.token = token
  let wishes = 0
  await stories[story]({ shop, control, random, diary, token, newKey: () => `${key}-${++wishes}` })
}

/** The checkout with a code on the page, or what has become of it meanwhile. */
async function code({ shop, token, diary }: Shopper): Promise<View> {
  return shop.watch(token, (view) => {
    if (view.version < diary.version) diary.stepsBack += 1
    diary.version = view.version
    if (view.status === 'paid') diary.sawPaid = true
    return view.codeUrl !== null || view.status !== 'unpaid' || view.confirming || view.attempt === 'closed' || view.attempt === 'refused'
  })
}

/** The code in its last moments: younger ones are kept when a new one is asked for. */
async function oldCode(shopper: Shopper, leftMs = 1_500): Promise<View> {
  const view = await code(shopper)
  await until(
    async () => {
      const { remainingMs, status } = await shopper.shop.viewOf(shopper.token)
      return status !== 'unpaid' || remainingMs === null || remainingMs < leftMs ? true : undefined
    },
    { what: () => 'a code in its last moments', giveUpMs: 600_000 },
  )
  return view
}

async function pay(shopper: Shopper, { codeUrl }: View): Promise<void> {
  if (codeUrl === null) return
  if (await onPhone({ codeUrl }, shopper.control.pay)) shopper.diary.phonePaid = true
}

/** A phone without an answer tries again; WeChat's side may be away. */
async function onPhone(which: Paying, act: (which: Paying) => Promise<boolean>): Promise<boolean> {
  return until(() => act(which).catch(() => undefined), { what: () => "WeChat's answer to the phone", giveUpMs: 600_000 })
}

async function refresh(shopper: Shopper): Promise<Answer> {
  return shopper.shop.refresh(shopper.token, shopper.newKey())
}

async function cancel({ shop, token, diary }: Shopper): Promise<void> {
  const { status } = await shop.cancel(token)
  if (status === 200) diary.cancelled = true
}
