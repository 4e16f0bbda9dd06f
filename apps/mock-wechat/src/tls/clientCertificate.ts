import { X509Certificate } from 'node:crypto'
import type { Context } from 'koa'
import { TLSSocket } from 'node:tls'
import type { Merchant } from '../merchants.ts'

/** Parsing a PEM is slow, and there are only a handful. */
const parsed = new Map<string, Buffer>()

function bytesOf(pem: string): Buffer {
  const known = parsed.get(pem) ?? new X509Certificate(pem).raw
  parsed.set(pem, known)
  return known
}

/**
 * Whose certificate the caller has shown. TLS has proved that he holds its key.
 * `absent`: none, or the call came over plain HTTP; `unknown`: of none of these merchants.
 */
export function callerOf({ req }: Context, merchants: readonly Merchant[]): Merchant | 'absent' | 'unknown' {
  const shown = req.socket instanceof TLSSocket ? req.socket.getPeerX509Certificate() : undefined
  if (!shown) return 'absent'
  return merchants.find(({ merchantCertificate }) => shown.raw.equals(bytesOf(merchantCertificate))) ?? 'unknown'
}

const texts = { absent: 'No required SSL certificate was sent', unknown: 'The SSL certificate error' }

/** What the web server in front of WeChat says before anybody reads the XML: HTTP 400, a page. */
export function refuseCertificate(ctx: Context, why: keyof typeof texts): void {
  const text = texts[why]
  ctx.status = 400
  ctx.type = 'text/html'
  ctx.body = `<html>
<head><title>400 ${text}</title></head>
<body>
<center><h1>400 Bad Request</h1></center>
<center>${text}</center>
<hr><center>nginx</center>
</body>
</html>
`
}
