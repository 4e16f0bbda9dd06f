import { randomBytes } from 'node:crypto'
import type { AuthorisationProblem } from '../../commands/finishAuthorisation.ts'
import type { AppContext } from '../state.ts'

/** What a payer is told. Whether money moved is always said: none has. */
interface Words {
  status: number
  zh: string
  en: string
}

const again = { zh: '本次微信授权已失效，请重试。', en: 'This sign-in with WeChat is no longer valid. Please try again.' }
const away = { zh: '暂时无法连接微信，请稍后重试。', en: 'WeChat cannot be reached just now. Please try again in a moment.' }

const words: Readonly<Record<AuthorisationProblem | 'too-many', Words>> = {
  unknown: { status: 400, ...again },
  'other-browser': { status: 400, ...again },
  used: { status: 400, ...again },
  expired: { status: 400, ...again },
  refused: { status: 400, ...again },
  snapshot: {
    status: 403,
    zh: '当前为预览页面，请先点击页面下方的“使用完整服务”，再重试。',
    en: 'This is a preview. Tap “Use full service” at the bottom of the page first, then try again.',
  },
  unreachable: { status: 503, ...away },
  busy: { status: 503, ...away },
  settings: {
    status: 503,
    zh: '商户的微信授权设置有误，请联系商户。',
    en: 'The merchant’s WeChat settings do not work. Please tell the merchant.',
  },
  'too-many': { status: 429, zh: '操作过于频繁，请稍后重试。', en: 'Too many attempts. Please try again in a moment.' },
}

/** One sentence in both languages and one button. @param retryPath - an address of ours */
export function sendAuthorisationPage(ctx: AppContext, problem: AuthorisationProblem | 'too-many', retryPath: string): void {
  const { status, zh, en } = words[problem]
  const nonce = randomBytes(16).toString('base64')
  ctx.status = status
  ctx.type = 'text/html; charset=utf-8'
  if (status >= 429) ctx.set('Retry-After', '5')
  ctx.set(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  ctx.body = document({ zh, en, nonce, retryPath: escaped(retryPath), requestId: ctx.state.requestId })
}

function document({ zh, en, nonce, retryPath, requestId }: Record<'zh' | 'en' | 'nonce' | 'retryPath' | 'requestId', string>): string {
  return `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>微信授权 · WeChat sign-in</title>
<style nonce="${nonce}">
:root{color-scheme:light dark}
body{font:18px/1.6 system-ui,sans-serif;max-width:28rem;margin:0 auto;padding:3rem 1.5rem}
h1{font-size:1rem;font-weight:400;opacity:.75}
a{display:block;margin:2rem 0;padding:.8rem;border-radius:.5rem;background:#0a7a3d;color:#fff;text-align:center;text-decoration:none}
small{opacity:.75;overflow-wrap:anywhere}
</style>
<main>
<h1>微信授权 · <span lang="en">WeChat sign-in</span></h1>
<p role="alert">${zh}未产生扣款。</p>
<p lang="en">${en} You have not been charged.</p>
<a href="${retryPath}">重试 · <span lang="en">Try again</span></a>
<small>${requestId}</small>
</main>
</html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
