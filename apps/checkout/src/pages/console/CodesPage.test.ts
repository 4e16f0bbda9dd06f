import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory } from 'vue-router'
import type { ProductBody, ProductView } from 'wxpay-core/contract'
import App from '../../App.vue'
import { ApiError, type ApiErrorDetails } from '../../api/ApiError.ts'
import type { ProductsApi } from '../../api/productsApi.ts'
import { chooseLocale } from '../../i18n.ts'
import { createPageRouter } from '../../router.ts'
import { fakeApi } from '../../testing/fakeApi.ts'
import { emptyDocument, type CurrentServer } from '../../testing/shopperPage.ts'

const shopServer = vi.hoisted((): CurrentServer => ({ current: null }))
vi.mock('../../api/loadApi.ts', () => ({ loadApi: async () => shopServer.current?.api }))
const server = vi.hoisted(() => ({ tokens: [] as string[], api: null as ProductsApi | null }))
vi.mock('../../api/loadProductsApi.ts', () => ({
  loadProductsApi: async (token: string) => {
    server.tokens.push(token)
    return server.api
  },
}))

const latte: ProductView = { productId: 'P001', name: '拿铁', priceFen: 1990, active: true }
const tea: ProductView = { productId: 'P002', name: '绿茶', priceFen: 1200, active: false }
const refusal = (details: Partial<ApiErrorDetails>) =>
  new ApiError({ status: 500, code: 'internal_error', requestId: 'r-1', retryAfterMs: null, view: null, ...details })

const api = {
  fetchProducts: vi.fn<ProductsApi['fetchProducts']>(),
  saveProduct: vi.fn<ProductsApi['saveProduct']>(),
  fetchCode: vi.fn<ProductsApi['fetchCode']>(),
}
let close: (() => void) | undefined

beforeAll(() => import('./CodesPage.vue'), 60_000)
beforeEach(() => {
  emptyDocument()
  chooseLocale('zh-CN')
  shopServer.current = fakeApi()
  shopServer.current.fetchShop.mockResolvedValue({
    name: '云上咖啡',
    contact: null,
    locale: 'zh-CN',
    limits: { minAmountFen: 1, maxAmountFen: 5_000_000 },
    tradeTypes: ['native'],
  })
  server.api = api
  server.tokens = []
  vi.resetAllMocks()
  api.fetchProducts.mockResolvedValue([tea, latte])
  api.saveProduct.mockImplementation(async (productId: string, body: ProductBody) => ({ productId, ...body }))
  api.fetchCode.mockImplementation(async (productId) => ({ codeUrl: `weixin://wxpay/bizpayurl?product_id=${productId}`, shortUrl: null }))
})
afterEach(() => {
  close?.()
  vi.unstubAllGlobals()
})

const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
const findAll = (id: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)]
const state = () => document.querySelector('main')?.dataset['state']
const rows = () => [...document.querySelectorAll('[data-product]')].map((row) => row.getAttribute('data-product'))

async function press(element: HTMLElement | null | undefined) {
  element?.click()
  await flushPromises()
}

async function type(id: string, text: string) {
  const element = find(id)
  const field = element instanceof HTMLInputElement ? element : element?.querySelector('input')
  if (!field) throw new Error(`no field ${id}`)
  field.value = text
  field.dispatchEvent(new Event('input', { bubbles: true }))
  field.dispatchEvent(new Event('change', { bubbles: true }))
  await flushPromises()
}

async function submit(form: Element | null | undefined) {
  form?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
  await flushPromises()
}

async function open() {
  const router = createPageRouter(createMemoryHistory())
  await router.push('/console/codes')
  const wrapper = mount(App, { global: { plugins: [router] }, attachTo: '#app' })
  close = () => wrapper.unmount()
  await flushPromises()
}

async function unlock(token = 'operator-token') {
  await open()
  await type('operator-token', token)
  await submit(document.querySelector('form'))
}

describe('the page of printed codes', () => {
  it('asks for the operator token before anything else, once per tab', async () => {
    await open()
    expect([state(), api.fetchProducts.mock.calls.length]).toEqual(['locked', 0])
    await type('operator-token', 'operator-token')
    await submit(document.querySelector('form'))
    expect([state(), rows()]).toEqual(['ready', ['P001', 'P002']])
    expect(server.tokens).toEqual(['operator-token'])
    close?.()
    document.body.innerHTML = '<div id="app"></div>'
    await open()
    expect(state()).toBe('ready')
  })

  it('forgets a token that is refused, and says what to check', async () => {
    api.fetchProducts.mockRejectedValue(refusal({ status: 401, code: 'unauthorized' }))
    await unlock()
    expect(state()).toBe('locked')
    expect(find('token-refused')?.textContent).toContain('OPERATOR_TOKEN')
    expect(sessionStorage.getItem('wxpay-console.operator-token')).toBeNull()
  })

  it('does not send what no header can carry', async () => {
    await unlock('口令')
    expect([state(), server.tokens]).toEqual(['locked', []])
    expect(find('token-refused')?.textContent).not.toBe('')
  })

  it('says how to switch printed codes on where they are off', async () => {
    api.fetchProducts.mockRejectedValue(refusal({ status: 404, code: 'not_found' }))
    await unlock()
    expect(state()).toBe('problem')
    expect(find('console-problem')?.textContent).toContain('WXPAY_SCAN=on')
  })

  it('shows the code and the number of any other failure, and reads again on request', async () => {
    api.fetchProducts.mockRejectedValueOnce(refusal({ status: 503, code: 'service_unavailable', requestId: 'r-9' }))
    await unlock()
    expect(find('console-problem')?.textContent).toMatch(/service_unavailable.*r-9/s)
    await press(find('console-retry'))
    expect(state()).toBe('ready')
    expect(find('console-problem')).toBeNull()
  })

  it('begins with a way to add the first product', async () => {
    api.fetchProducts.mockResolvedValue([])
    await unlock()
    expect(state()).toBe('empty')
    await press(find('add-product'))
    await type('product-name', '美式')
    await type('product-price', '15')
    await submit(find('product-form'))
    expect(api.saveProduct).toHaveBeenCalledExactlyOnceWith('P001', { name: '美式', priceFen: 1500, active: true })
    expect([state(), rows(), find('product-form')]).toEqual(['ready', ['P001'], null])
  })

  it('names every problem of a product at once, and sends nothing', async () => {
    await unlock()
    await press(find('add-product'))
    await type('product-id', 'P001')
    await submit(find('product-form'))
    const problems = findAll('product-form').flatMap((form) =>
      [...form.querySelectorAll('[role=alert]')].map(({ textContent }) => textContent),
    )
    expect(problems.every((text) => text !== '')).toBe(true)
    expect(problems.join()).toContain('拿铁')
    expect(api.saveProduct).not.toHaveBeenCalled()
  })

  it('changes a price, and keeps what was typed when that fails', async () => {
    await unlock()
    await press(findAll('edit')[0])
    api.saveProduct.mockRejectedValueOnce(refusal({ status: null, code: 'no_answer' }))
    await type('product-price', '21.5')
    await submit(find('product-form'))
    expect(find('console-problem')?.textContent).toContain('连不上服务器')
    expect(find('product-price')).toHaveProperty('value', '21.5')
    await submit(find('product-form'))
    expect(api.saveProduct).toHaveBeenLastCalledWith('P001', { name: '拿铁', priceFen: 2150, active: true })
    expect(document.querySelector('[data-product=P001]')?.textContent).toContain('¥21.50')
  })

  it('forgets what was typed, and its trouble, when it is given up', async () => {
    await unlock()
    await press(findAll('edit')[0])
    api.saveProduct.mockRejectedValueOnce(refusal({ status: null, code: 'no_answer' }))
    await type('product-price', '21.5')
    await submit(find('product-form'))
    await press(find('product-dismiss'))
    expect([find('product-form'), find('console-problem')]).toEqual([null, null])
    expect(document.querySelector('[data-product=P001]')?.textContent).toContain('¥19.90')
  })

  it('switches a product off and on, and says what that means', async () => {
    await unlock()
    await press(findAll('turn')[0])
    expect(api.saveProduct).toHaveBeenLastCalledWith('P001', { name: '拿铁', priceFen: 1990, active: false })
    expect(document.querySelector('[data-product=P001]')?.textContent).toContain('已停用')
    expect(document.getElementById('announcements-polite')?.textContent).toContain('不会扣款')
    await press(findAll('turn')[0])
    expect(api.saveProduct).toHaveBeenLastCalledWith('P001', { name: '拿铁', priceFen: 1990, active: true })
  })

  it('finds products, and leads back when there are none', async () => {
    await unlock()
    await type('search', '茶')
    expect(rows()).toEqual(['P002'])
    await type('search', '咖啡机')
    expect(rows()).toEqual([])
    await press(find('clear-search'))
    expect(rows()).toEqual(['P001', 'P002'])
  })

  it('makes a sheet of the chosen labels, each code asked for once, the short one if there is one', async () => {
    api.fetchCode.mockImplementation(async (productId) => ({
      codeUrl: 'weixin://wxpay/bizpayurl?long',
      shortUrl: productId === 'P001' ? 'weixin://wxpay/s/a' : null,
    }))
    await unlock()
    expect(find('print-labels')).toBeNull()
    await type('copies', '13')
    expect(findAll('label-code')).toHaveLength(13)
    expect(find('label-count')?.textContent).toContain('13')
    expect(find('label-code')?.getAttribute('aria-label')).toBe('拿铁 的微信付款码，19.90 元')
    expect(api.fetchCode).toHaveBeenCalledExactlyOnceWith('P001')
    const print = vi.fn()
    vi.stubGlobal('print', print)
    await press(find('print-labels'))
    expect(print).toHaveBeenCalledOnce()
  })

  it('does not print a sheet with a code missing', async () => {
    api.fetchCode.mockRejectedValueOnce(refusal({ status: 503, code: 'service_unavailable' }))
    await unlock()
    await type('copies', '2')
    expect(findAll('label-code')).toHaveLength(0)
    expect(find('print-labels')?.hasAttribute('disabled')).toBe(true)
    await press(find('console-retry'))
    expect(findAll('label-code')).toHaveLength(2)
    expect(find('print-labels')?.hasAttribute('disabled')).toBe(false)
  })

  it('forgets the token when the operator leaves', async () => {
    await unlock()
    await press(find('lock'))
    expect([state(), sessionStorage.getItem('wxpay-console.operator-token')]).toEqual(['locked', null])
  })
})
