import type { Phone } from './phone.ts'
import { fakeRequest } from './fakeRequest.ts'
import { fakeRequestPayment } from './fakeRequestPayment.ts'

interface Callbacks<Result> {
  success?(result: Result): void
  fail?(result: { errMsg: string }): void
  complete?(result: { errMsg: string }): void
}

type NetworkListener = (change: { isConnected: boolean; networkType: string }) => void

/**
 * The part of `wx` that this program uses, with the habits of the real one: an absent key of the storage is read as "", values are copied
 * through JSON, callbacks come later, and a program that WeChat has ended hears nothing more.
 */
export function createFakeWx(phone: Phone) {
  const life = { alive: true }
  const later = (callback: () => void) => queueMicrotask(() => life.alive && callback())
  const listeners = new Set<NetworkListener>()
  const stopListening = phone.onNetwork((isConnected) => {
    for (const listener of listeners) listener({ isConnected, networkType: isConnected ? 'wifi' : 'none' })
  })
  const titles: string[] = []

  function settle<Result extends { errMsg: string }>(options: Callbacks<Result>, result: Result | { errMsg: string }, ok: boolean): void {
    later(() => {
      if (ok) options.success?.(result as Result)
      else options.fail?.(result)
      options.complete?.(result)
    })
  }

  const wx = {
    request: fakeRequest(phone, life),
    requestPayment: fakeRequestPayment(phone, later),

    login(options: Callbacks<{ errMsg: string; code: string }>): void {
      phone.login().then(
        (code) => settle(options, { errMsg: 'login:ok', code }, true),
        () => settle(options, { errMsg: 'login:fail' }, false),
      )
    },
    getRandomValues(options: Callbacks<{ errMsg: string; randomValues: ArrayBuffer }> & { length: number }): void {
      const randomValues = crypto.getRandomValues(new Uint8Array(options.length)).buffer
      settle(options, { errMsg: 'getRandomValues:ok', randomValues }, true)
    },

    getStorageSync: (key: string): unknown => (phone.storage.has(key) ? JSON.parse(phone.storage.get(key) ?? '""') : ''),
    setStorageSync: (key: string, value: unknown): void => void phone.storage.set(key, JSON.stringify(value)),
    removeStorageSync: (key: string): void => void phone.storage.delete(key),

    getAppBaseInfo: () => ({ SDKVersion: '3.5.8', language: phone.language, theme: 'light', version: '8.0.50' }),
    getAccountInfoSync: () => ({ miniProgram: { appId: phone.appId, envVersion: 'develop', version: '' }, plugin: {} }),

    onNetworkStatusChange: (listener: NetworkListener): void => void listeners.add(listener),
    offNetworkStatusChange(listener?: NetworkListener): void {
      if (listener) listeners.delete(listener)
      else listeners.clear()
    },
    setNavigationBarTitle: ({ title }: { title: string }): Promise<void> => {
      titles.push(title)
      return Promise.resolve()
    },
  }

  return {
    wx,
    titles,
    /** WeChat ends a program without a word: what it has sent arrives, and what it waits for never comes. */
    end(): void {
      life.alive = false
      stopListening()
    },
  }
}
