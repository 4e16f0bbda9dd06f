import type { IncomingHttpHeaders } from 'node:http'

/** Fetch a page for a preview or for its index, and nobody looks at it. */
const robots = /bot\b|spider|crawl|preview|facebookexternalhit/i

/** Inside WeChat, but not a payer's browser: a mini program's web-view cannot pay by JSAPI (chapter web-view), WeCom is another account system. */
const otherHosts = /miniProgram|wxwork/i

/** Whether a person looks at a page inside WeChat, where an official account can learn who it is and take a payment. */
export function isInsideWechat({ 'user-agent': userAgent = '' }: IncomingHttpHeaders): boolean {
  return /MicroMessenger/i.test(userAgent) && !otherHosts.test(userAgent) && !robots.test(userAgent)
}

/** A person goes to an address, rather than a script, an image, or a browser that fetches ahead. */
export function isNavigation(headers: IncomingHttpHeaders): boolean {
  const { accept = '', 'sec-fetch-mode': mode = 'navigate', 'sec-fetch-dest': dest = 'document' } = headers
  const ahead = [headers['sec-purpose'], headers['purpose'], headers['x-moz']].flat().some((text) => /prefetch|preview/i.test(text ?? ''))
  return !ahead && mode === 'navigate' && dest === 'document' && /text\/html/i.test(accept)
}
