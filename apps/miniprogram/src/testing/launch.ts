import { vi } from 'vitest'
import { instantiate } from './fakePage.ts'
import { createFakeWx } from './fakeWx.ts'
import type { Phone } from './phone.ts'

/** The mini program on somebody's phone, with its one page open. */
export interface Running {
  /** What checkout.wxml is drawn from. */
  data: Record<string, unknown>
  titles: readonly string[]
  has(method: string): boolean
  /** Presses the keys of the keypad. */
  type(text: string): void
  pay(): void
  primary(): void
  secondary(): void
  hide(): void
  show(): void
  /** WeChat ends the program, without a word to it. */
  kill(): void
  /** Waits until the page is in this state. */
  reach(state: string): Promise<void>
}

const generousMs = 60_000

/** Starts the program anew, as WeChat does: every module is evaluated again, only the phone's storage is as it was. */
export async function launch(phone: Phone, apiUrl: string, query: Record<string, string> = {}): Promise<Running> {
  const fake = createFakeWx(phone)
  const registered: Record<string, unknown>[] = []
  vi.resetModules()
  const timers = stubTimers()
  vi.stubGlobal('wx', fake.wx)
  vi.stubGlobal('App', () => undefined)
  vi.stubGlobal('Page', (options: Record<string, unknown>) => void registered.push(options))
  vi.doMock('../miniprogram/config.ts', () => ({ apiUrl }))
  await import('../miniprogram/app.ts')
  await import('../miniprogram/pages/checkout/checkout.ts')
  const [options] = registered
  if (!options) throw new Error('the page has registered nothing')

  const page = instantiate(options)
  page.call('onLoad', query)
  page.call('onShow')
  page.call('onReady')
  return {
    data: page.data,
    titles: fake.titles,
    has: page.has,
    type(text) {
      for (const key of text) page.call('onKey', { currentTarget: { dataset: { key } } })
    },
    pay: () => page.call('onPay'),
    primary: () => page.call('onPrimary'),
    secondary: () => page.call('onSecondary'),
    hide: () => page.call('onHide'),
    show: () => page.call('onShow'),
    kill() {
      fake.end()
      timers.clear()
    },
    reach: (state) =>
      vi.waitFor(
        () => {
          if (page.data['state'] !== state) throw new Error(`the page is not ${state} but ${JSON.stringify(page.data)}`)
        },
        { timeout: generousMs, interval: 20 },
      ),
  }
}

/** The program's timers end with it: an old one must not wake up in the next program's world. Those of Node's own fetch go on. */
function stubTimers() {
  const running = new Set<NodeJS.Timeout>()
  vi.stubGlobal('setTimeout', (callback: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    const timer = realSetTimeout(callback, ms, ...given)
    if (new Error().stack?.includes('/src/miniprogram/')) running.add(timer)
    return timer
  })
  return {
    clear(): void {
      for (const timer of running) clearTimeout(timer)
    },
  }
}

const realSetTimeout = setTimeout
