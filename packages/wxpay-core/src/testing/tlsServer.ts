import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { TLSSocket } from 'node:tls'
import { buffer } from 'node:stream/consumers'
import { closeAll, listen, type Behaviour, type Received, type TestServer } from './server.ts'

const file = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url))

/** Keys and certificates that belong to nobody: one CA, a server on the loopback, the merchant 1900006042, and a stranger of another CA. */
export const tls = {
  ca: file('ca.pem').toString('utf8'),
  merchant: { key: file('merchant.key.pem').toString('utf8'), cert: file('merchant.pem').toString('utf8') },
  stranger: { key: file('stranger.key.pem').toString('utf8'), cert: file('stranger.pem').toString('utf8') },
  p12: { pfx: file('merchant.p12'), passphrase: '1900006042' },
  /** As WeChat's own download still is: encrypted in a way that OpenSSL 3 has given up. */
  oldP12: { pfx: file('merchant-rc2-40.p12'), passphrase: '1900006042' },
}

const noCertificate = '<html><head><title>400 No required SSL certificate was sent</title></head></html>'
const wrongCertificate = '<html><head><title>400 The SSL certificate error</title></head></html>'

/**
 * A server on a free loopback port that asks for a certificate of the CA, as WeChat's does.
 *
 * @param without - what a client gets that has none, or a wrong one: a page of HTML, or the end of the connection
 */
export async function startTlsServer(behave: Behaviour, without: 'page' | 'end' = 'page'): Promise<TestServer> {
  const received: Received[] = []
  const options = { key: file('server.key.pem'), cert: file('server.pem'), ca: tls.ca, requestCert: true }
  const server = createServer({ ...options, rejectUnauthorized: without === 'end' }, (request, response) => {
    void buffer(request).then((body) => {
      const { socket } = request
      if (!(socket instanceof TLSSocket && socket.authorized)) {
        const isShown = socket instanceof TLSSocket && socket.getPeerX509Certificate() !== undefined
        const page = isShown ? wrongCertificate : noCertificate
        return response.writeHead(400, { 'content-type': 'text/html' }).end(page)
      }
      const { method, url: path, headers } = request
      const entry = { method, path, contentType: headers['content-type'], headers, body: body.toString('utf8') }
      received.push(entry)
      return behave(response, entry, request)
    })
  })
  const port = await listen(server)
  return { url: `https://127.0.0.1:${port}`, received, close: () => closeAll(server) }
}
