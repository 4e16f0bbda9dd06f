// @ts-check

/*
 * WeChat's browser, as a page inside it sees it: window.WeixinJSBridge, which comes a moment after the page.
 * For browser tests: put into the page before its own scripts (Playwright: addInitScript), never by a page of ours.
 */
;(() => {
  /** Where the mock is; set when it serves this file. */
  const mock = '__MOCK__'

  /**
   * @typedef {'ask' | 'ok' | 'cancel' | 'fail' | 'ok-without-notice' | 'ok-although-unpaid' | 'fail-although-paid'} Choice
   * @typedef {{ status: number, body: Record<string, unknown> }} Answer
   * @typedef {object} Wishes - window.__wechat, or `mock_choice` and `mock_user` in the page's address
   * @property {Choice} [choice] - what the payer does; "ask" (the default) shows the payment sheet
   * @property {string} [openid] - whose WeChat it is: an openid or the id of a test user
   * @property {(path: string, body: object) => Promise<Answer>} [send] - in place of fetch, for pages whose policy lets nothing out
   * @typedef {(result: { err_msg: string, err_desc?: string }) => void} Callback
   */

  /** @returns {Wishes} */
  function wishes() {
    const query = new URLSearchParams(location.search)
    const [choice, openid] = [query.get('mock_choice'), query.get('mock_user')]
    return { ...(choice && { choice: /** @type {Choice} */ (choice) }), ...(openid && { openid }), ...Reflect.get(window, '__wechat') }
  }

  /** @param {string} path @param {object} body @returns {Promise<Answer>} */
  async function send(path, body) {
    const { send: instead } = wishes()
    if (instead) return instead(path, body)
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${mock}/_control/bridge/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: await response.json() }
  }

  /** @param {Record<string, unknown>} parameters @param {Callback} [callback] */
  async function getBrandWCPayRequest(parameters, callback) {
    const { openid, choice = 'ask' } = wishes()
    const sheet = await send('pay', { ...parameters, ...(openid !== undefined && { openid }) })
    if (sheet.status !== 200) {
      const text = String(sheet.body['message'])
      await showTrouble(text, choice)
      return callback?.({ err_msg: 'get_brand_wcpay_request:fail', err_desc: text })
    }
    const chosen = choice === 'ask' ? await showSheet(sheet.body) : choice
    const { status, body } = await send('confirm', { prepayId: sheet.body['prepayId'], choice: chosen })
    const text = String(body['message'] ?? '')
    callback?.(status === 200 ? { err_msg: String(body['errMsg']) } : { err_msg: 'get_brand_wcpay_request:fail', err_desc: text })
  }

  /** @param {Record<string, unknown>} sheet @returns {Promise<Choice>} */
  function showSheet({ merchant, description, amountFen }) {
    const fen = Number(amountFen)
    const amount = `¥${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`
    return ask(
      [String(merchant), String(description), amount],
      [
        ['ok', '立即支付'],
        ['fail', '余额不足'],
        ['cancel', '取消'],
      ],
    )
  }

  /** The client's own dialog; who has chosen beforehand does not have to close it. @param {string} text @param {Choice} choice */
  async function showTrouble(text, choice) {
    if (choice === 'ask') await ask([text], [['cancel', '确定']])
  }

  /** @param {string[]} lines @param {[Choice, string][]} buttons @returns {Promise<Choice>} */
  function ask(lines, buttons) {
    const back = box('div', 'position:fixed;inset:0;z-index:2147483647;display:flex;align-items:flex-end;background:rgb(0 0 0/.5)')
    const panel = box(
      'div',
      'width:100%;padding:24px;border-radius:16px 16px 0 0;background:#fff;color:#191919;color-scheme:light;font:16px/1.6 sans-serif',
    )
    panel.setAttribute('role', 'dialog')
    panel.setAttribute('aria-label', '微信支付')
    panel.setAttribute('data-testid', 'wechat-sheet')
    back.append(panel)
    for (const line of lines) panel.append(box('p', 'margin:0 0 8px;text-align:center', line))
    return new Promise((resolve) => {
      for (const [choice, label] of buttons) {
        const button = box(
          'button',
          'display:block;width:100%;min-height:48px;margin-top:8px;border:0;border-radius:8px;font:inherit',
          label,
        )
        button.setAttribute('data-testid', `wechat-${choice}`)
        button.addEventListener('click', () => {
          back.remove()
          resolve(choice)
        })
        panel.append(button)
      }
      document.body.append(back)
      panel.querySelector('button')?.focus()
    })
  }

  /** Styles go in by script: a strict policy of the page lets these pass. @param {string} tag @param {string} style @param {string} [text] */
  function box(tag, style, text = '') {
    const element = document.createElement(tag)
    element.style.cssText = style
    element.textContent = text
    return element
  }

  const bridge = {
    /** @param {string} name @param {Record<string, unknown>} parameters @param {Callback} [callback] */
    invoke(name, parameters, callback) {
      if (name !== 'getBrandWCPayRequest') return callback?.({ err_msg: 'system:function_not_exist' })
      getBrandWCPayRequest(parameters, callback).catch((cause) =>
        callback?.({ err_msg: 'get_brand_wcpay_request:fail', err_desc: String(cause) }),
      )
    },
    call() {},
    on() {},
  }

  /** After the page's own scripts have run once: they find no bridge, and must wait for the event. */
  addEventListener('DOMContentLoaded', () =>
    setTimeout(() => {
      Object.assign(window, { WeixinJSBridge: bridge })
      document.dispatchEvent(new Event('WeixinJSBridgeReady'))
    }),
  )
})()
