/** Small pages without anything from elsewhere. */
const style = `body{margin:0;font:16px/1.6 system-ui,sans-serif;color:#191919;background:#ededed}
main{max-width:22rem;margin:0 auto;padding:20vh 1.5rem;text-align:center}
h1{font-size:1.25rem;font-weight:500}small{color:#595959}
button{display:block;width:100%;margin-top:1rem;padding:.75rem;border:0;border-radius:.5rem;font:inherit;background:#fff;color:#191919}
button[value=allow]{background:#07823f;color:#fff}
@media (prefers-color-scheme:dark){body{background:#111;color:#d5d5d5}small{color:#a0a0a0}}`

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`)

const page = (title: string, content: string): string =>
  `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style></head><body><main>${content}</main></body></html>`

export const outsidePage = (): string => page('微信', '<h1>请在微信客户端打开链接</h1>')

/** @param code - null where WeChat's number is not known */
export const errorPage = (text: string, code: number | null): string =>
  page('出错了', `<h1>${escapeHtml(text)}</h1>${code === null ? '' : `<p>错误码: ${code}</p>`}`)

export const consentPage = (merchant: string, nickname: string): string =>
  page(
    '微信登录',
    `<h1>${escapeHtml(merchant)} 申请获取以下权限</h1><p>获得你的公开信息（昵称、头像等）</p><small>以 ${escapeHtml(nickname)} 的身份</small><form method="post"><button name="decision" value="allow">允许</button><button name="decision" value="decline">拒绝</button></form>`,
  )

export const declinedPage = (): string => page('微信登录', '<h1>你已拒绝授权</h1>')

/** Calls the address, and goes there: after the answer, or at once. */
export function twicePage(address: string, atOnce: boolean): string {
  const target = JSON.stringify(address).replaceAll('<', String.raw`\u003c`)
  const call = `fetch(target,{mode:'no-cors',credentials:'include'}).catch(()=>undefined)`
  const go = 'location.replace(target)'
  return page('微信', `<h1>正在跳转</h1><script>const target=${target};${atOnce ? `${call};${go}` : `${call}.finally(()=>${go})`}</script>`)
}
