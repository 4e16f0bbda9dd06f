import {
  keypadKeys,
  pressKey,
  problemToShow,
  readAmount,
  widestLimits,
  type AmountProblem,
  type KeypadKey,
  type Typed,
} from '../../checkout/amount'
import type { Shop } from '../../checkout/answers'
import { createApi } from '../../checkout/api'
import { createFlow, type Flow } from '../../checkout/flow'
import { formatYuan } from '../../checkout/money'
import { pendingRequests } from '../../checkout/pending'
import type { Act } from '../../checkout/problemWords'
import { screenOf } from '../../checkout/screen'
import { idleState } from '../../checkout/state'
import { fill, wordsFor, type Words } from '../../checkout/words'
import { apiUrl } from '../../config'
import { changedFields } from '../../support/changedFields'
import { appId, bringUp, language, loginCode, memory, randomKey } from '../../support/wechat'

const words = wordsFor(language())
const api = createApi({ apiUrl, loginCode })
const nothingTyped: Typed = { text: '', refused: null }

/** What the amount field shows. */
function fieldOf(typed: Typed, shop: Shop | null) {
  const limits = shop?.limits ?? widestLimits
  const read = readAmount(typed.text, limits)
  const problem = problemToShow(typed, limits)
  return {
    typed: typed.text,
    hint: problem === null ? '' : hintOf(problem, limits),
    payable: read.ok,
    pay: read.ok ? fill(words.pay, { amount: formatYuan(read.amountFen) }) : words.payEmpty,
  }
}

function hintOf(problem: AmountProblem, { minAmountFen, maxAmountFen }: Shop['limits']): string {
  const hints: Record<AmountProblem, string> = {
    empty: '',
    'not-a-number': words.amountNotANumber,
    'too-many-decimals': words.amountTooManyDecimals,
    'above-max': fill(words.amountAboveMax, { max: formatYuan(maxAmountFen) }),
    'below-min': fill(words.amountBelowMin, { min: formatYuan(minAmountFen) }),
  }
  return hints[problem]
}

const labels: Pick<Words, 'amountLabel' | 'keypad' | 'footnote'> = {
  amountLabel: words.amountLabel,
  keypad: words.keypad,
  footnote: words.footnote,
}

const keyNames: Partial<Record<KeypadKey, string>> = { '.': words.keypadPoint, delete: words.keypadDelete }

Page({
  data: {
    ...screenOf({ state: idleState, shop: null, words, typedFen: 0, secondsLeft: null }),
    ...fieldOf(nothingTyped, null),
    labels,
    keys: keypadKeys.map((key) => ({ key, face: key === 'delete' ? '⌫' : key, name: keyNames[key] ?? key })),
  },

  // Kept beside `data`: nothing here is drawn.
  typedNow: nothingTyped,
  shopNow: null as Shop | null,
  flow: null as Flow | null,

  /** `token`: an order that was made elsewhere, as in pages/checkout/checkout?token=… */
  onLoad({ token }) {
    const flow = createFlow({
      api,
      pending: pendingRequests({ memory, newKey: randomKey }),
      bringUp,
      appId: appId(),
      onChange: () => this.render(),
    })
    this.flow = flow
    wx.onNetworkStatusChange(({ isConnected }) => flow.network(isConnected))
    void this.askShop()
    if (token !== undefined) return void flow.follow(token)
    const resumed = flow.resume()
    if (resumed !== null) this.type({ text: formatYuan(resumed), refused: null })
  },

  onReady() {
    void wx.setNavigationBarTitle({ title: words.title })
  },

  onShow() {
    this.flow?.show()
    if (this.shopNow === null) void this.askShop()
  },

  onHide() {
    this.flow?.hide()
  },

  onUnload() {
    wx.offNetworkStatusChange() // without a listener: all of them, and there is one
    this.flow?.end()
  },

  onKey(event: WechatMiniprogram.TouchEvent<object, object, { key: KeypadKey }>) {
    this.type(pressKey(this.typedNow.text, event.currentTarget.dataset.key))
  },

  onPay() {
    const read = readAmount(this.typedNow.text, this.shopNow?.limits ?? widestLimits)
    if (read.ok) this.flow?.open(read.amountFen)
  },

  onPrimary() {
    this.act(this.data.primaryAct)
  },

  onSecondary() {
    this.act(this.data.secondaryAct)
  },

  act(act: Act) {
    const { flow } = this
    switch (act) {
      case 'pay-again':
        return void flow?.payAgain()
      case 'cancel':
        return void flow?.cancel()
      case 'reopen':
        return void this.onPay()
      case 'reload':
        return flow?.reload()
      case 'start-over':
        if (this.data.state === 'paid') this.type(nothingTyped)
        return flow?.leave()
      case 'none':
        return
    }
  },

  /** The shop's name and limits. Without them the page works: the server knows its limits. */
  async askShop() {
    const answer = await api.fetchShop()
    if (!answer.ok) return
    this.shopNow = answer.value
    this.type(this.typedNow)
    this.render()
  },

  type(typed: Typed) {
    this.typedNow = typed
    this.show(fieldOf(typed, this.shopNow))
  },

  render() {
    const read = readAmount(this.typedNow.text, widestLimits)
    const state = this.flow?.state() ?? idleState
    const secondsLeft = this.flow?.secondsLeft() ?? null
    this.show({ ...screenOf({ state, shop: this.shopNow, words, typedFen: read.ok ? read.amountFen : 0, secondsLeft }) })
  },

  /** Each setData crosses to the view's thread: only what has changed is sent. */
  show(fields: Record<string, unknown>) {
    const changed = changedFields(this.data, fields)
    if (changed) this.setData(changed)
  },
})
