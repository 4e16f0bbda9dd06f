import { flushPromises, mount } from '@vue/test-utils'
import { vi } from 'vitest'
import { createMemoryHistory } from 'vue-router'
import type { TradeType } from 'wxpay-core/contract'
import App from '../App.vue'
import { createPageRouter } from '../router.ts'
import type { fakeApi } from './fakeApi.ts'

/** What a test's mock of api/loadApi.ts answers with. */
export interface CurrentServer {
  current: ReturnType<typeof fakeApi> | null
}

/** What index.html has. */
export function emptyDocument(): void {
  sessionStorage.clear()
  document.body.innerHTML = '<div id="app"></div><div id="announcements-polite"></div><div id="announcements-urgent"></div>'
}

export interface OpenShopperPageOptions {
  api: ReturnType<typeof fakeApi>
  address?: string
  tradeTypes?: TradeType[]
}

/** The whole app at an address, with a server that answers as told. The shop is asked for once per test file. */
export async function openShopperPage({ api, address = '/', tradeTypes = ['native'] }: OpenShopperPageOptions) {
  api.fetchShop.mockResolvedValue({
    name: '云上咖啡',
    contact: null,
    locale: 'zh-CN',
    limits: { minAmountFen: 1, maxAmountFen: 5_000_000 },
    tradeTypes,
  })
  const router = createPageRouter(createMemoryHistory())
  await router.push(address)
  const wrapper = mount(App, { global: { plugins: [router] }, attachTo: '#app' })
  const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
  return {
    ...api,
    router,
    find,
    state: () => document.querySelector('main')?.dataset['state'],
    dialog: () => document.querySelector<HTMLElement>('[role=dialog]'),
    /** What a screen reader was told last. */
    said: () => document.getElementById('announcements-polite')?.textContent,
    until: (condition: () => unknown) => vi.waitUntil(condition, { timeout: 10_000 }),
    async type(amount: string) {
      await wrapper.get('[data-testid=amount-input]').setValue(amount)
    },
    async pay() {
      await wrapper.get('form').trigger('submit')
      await flushPromises()
    },
    async press(id: string) {
      find(id)?.click()
      await flushPromises()
    },
    close: () => wrapper.unmount(),
  }
}

export type ShopperPage = Awaited<ReturnType<typeof openShopperPage>>
