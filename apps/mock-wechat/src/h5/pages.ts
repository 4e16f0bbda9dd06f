import { escapeHtml } from '../accounts/oauth/pages.ts'

/** The payer's phone again, without scripts: one page, three buttons. */
const page = (title: string, content: string): string => `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
    <meta name="color-scheme" content="light dark">
    <title>${escapeHtml(title)}</title>
    <link rel="icon" href="/phone/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/phone/phone.css">
  </head>
  <body>
    <main class="desk alone"><section class="device" aria-label="模拟的手机"><div class="glass">${content}</div></section></main>
  </body>
</html>
`

/** Integer arithmetic only: 4580 → "45.80". */
const yuan = (fen: number): string => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`

export interface Sheet {
  merchant: string
  description: string
  outTradeNo: string
  amountFen: number
  back: string | null
}

/** WeChat, as it opens over the browser. The value of a button is what the payer does. */
export function payPage({ merchant, description, outTradeNo, amountFen, back }: Sheet): string {
  const row = (name: string, value: string) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`
  const button = (decision: string, label: string, kind: string) =>
    `<button class="${kind}" name="decision" value="${decision}" data-testid="h5-${decision}">${label}</button>`
  return page(
    '微信支付',
    `<form class="screen pay" method="post" data-testid="h5-page">
      <input type="hidden" name="back" value="${escapeHtml(back ?? '')}">
      <header class="bar">${button('leave', '取消', 'bar-button')}<h2>微信支付</h2></header>
      <div class="bill">
        <span class="avatar" aria-hidden="true">${escapeHtml(merchant.slice(0, 1))}</span>
        <p class="payee">付款给 <strong>${escapeHtml(merchant)}</strong></p>
        <p class="amount" data-testid="h5-amount"><span class="sign">¥</span>${yuan(amountFen)}</p>
        <dl>${row('商品', description)}${row('商户单号', outTradeNo)}${row('付款方式', '零钱（模拟）')}</dl>
      </div>
      <div class="foot">${button('pay', '立即支付', 'primary wide')}${button('later', '先返回商家，稍后到账', 'plain wide')}</div>
    </form>`,
  )
}

/** A refusal, or the end when there is nowhere to go back to. */
export const wordPage = (words: string, result: 'paid-now' | 'refused'): string =>
  page(
    '微信支付',
    `<div class="screen result"><div class="verdict" role="status" data-result="${result}" data-testid="h5-result">
      <svg class="mark" viewBox="0 0 72 72" aria-hidden="true"><circle cx="36" cy="36" r="34" /><path class="tick" d="m21 37.5 10.5 10.500L52 26.5" /><path class="bang" d="M36 19v22m0 10v.5" /></svg>
      <p class="verdict-title">${escapeHtml(words)}</p>
    </div></div>`,
  )
