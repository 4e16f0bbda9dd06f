// @ts-check

/** @typedef {'zh-CN' | 'en'} Locale */

const zh = {
  language: 'English',
  title: '模拟微信',
  about: '付款人的手机。扫的是模拟商户的码，付的不是真钱。',
  hintAny: '支付密码：任意六位数字',
  hintWrong: '000000 表示密码错误',
  hintKeys: '键盘可直接输入数字，Esc 取消',
  deviceLabel: '模拟的手机',
  scanTitle: '扫一扫',
  finder: '在下方粘贴付款码，或选一个待付款的码',
  codeLabel: '付款码内容',
  scan: '识别',
  openCodes: '待付款的码',
  noCodes: '还没有待付款的码。在收银页面下一单，它就会出现在这里。',
  payTitle: '确认付款',
  payTo: '付款给',
  goods: '商品',
  order: '商户单号',
  method: '付款方式',
  wallet: '零钱（模拟）',
  cancel: '取消',
  pay: '立即支付',
  padTitle: '请输入支付密码',
  delete: '删除',
  paying: '正在支付…',
  wrong: '支付密码错误，请重试',
  done: '完成',
  success: '支付成功',
  told: '微信正在通知商家',
  expired: '付款码已过期',
  paid: '该订单已支付',
  closed: '订单已关闭',
  notCharged: '未产生扣款',
  unknown: '没有这个付款码',
  empty: '请先粘贴付款码',
  unreachable: '模拟服务没有回应，请稍后再试',
  remaining: '剩余',
  refundPROCESSING: '商家已发起退款',
  refundSUCCESS: '退款到账',
  refundCLOSED: '退款已关闭',
  refundABNORMAL: '退款异常，请联系商家',
  refundTo: '已退回',
  inWechat: '微信内',
  inBrowser: '手机浏览器',
}

/** @type {typeof zh} */
const en = {
  language: '中文',
  title: 'Mock WeChat',
  about: 'A payer with a phone. It scans codes of mock merchants and spends no real money.',
  hintAny: 'Payment password: any six digits',
  hintWrong: '000000 counts as a wrong password',
  hintKeys: 'Type digits on your keyboard; Esc cancels',
  deviceLabel: 'A simulated phone',
  scanTitle: 'Scan',
  finder: 'Paste a payment code below, or pick an open one',
  codeLabel: 'Payment code',
  scan: 'Scan',
  openCodes: 'Open codes',
  noCodes: 'No open codes yet. Place an order at the checkout and it appears here.',
  payTitle: 'Confirm payment',
  payTo: 'Pay to',
  goods: 'Item',
  order: 'Order no.',
  method: 'Pay with',
  wallet: 'Balance (mock)',
  cancel: 'Cancel',
  pay: 'Pay now',
  padTitle: 'Enter payment password',
  delete: 'Delete',
  paying: 'Paying…',
  wrong: 'Wrong password. Please try again.',
  done: 'Done',
  success: 'Paid',
  told: 'WeChat is telling the merchant',
  expired: 'This code has expired',
  paid: 'This order is already paid',
  closed: 'This order was closed',
  notCharged: 'You have not been charged',
  unknown: 'There is no such payment code',
  empty: 'Paste a payment code first',
  unreachable: 'The mock does not answer. Please try again.',
  remaining: 'left',
  refundPROCESSING: 'Refund on its way',
  refundSUCCESS: 'Refunded',
  refundCLOSED: 'Refund was closed',
  refundABNORMAL: 'Refund failed: ask the merchant',
  refundTo: 'Returned to',
  inWechat: 'in WeChat',
  inBrowser: 'phone browser',
}

const books = { 'zh-CN': zh, en }
const storageKey = 'mock-wechat-locale'

/** @type {Locale} */
let locale = firstLocale()

/** @returns {Locale} */
function firstLocale() {
  const kept = localStorage.getItem(storageKey)
  if (kept === 'zh-CN' || kept === 'en') return kept
  return navigator.language.startsWith('zh') ? 'zh-CN' : 'en'
}

/** @param {keyof typeof zh} name */
export const word = (name) => books[locale][name]

/** Puts every text of the page in place. */
export function showWords() {
  document.documentElement.lang = locale
  document.title = word('title')
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = lookUp(element.getAttribute('data-word'))
  for (const element of document.querySelectorAll('[data-word-label]')) {
    element.setAttribute('aria-label', lookUp(element.getAttribute('data-word-label')))
  }
}

export function switchLanguage() {
  locale = locale === 'en' ? 'zh-CN' : 'en'
  localStorage.setItem(storageKey, locale)
  showWords()
}

/** @param {string | null} name */
function lookUp(name) {
  const texts = Object.entries(books[locale])
  return texts.find(([known]) => known === name)?.[1] ?? ''
}
