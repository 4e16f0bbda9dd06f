import { WechatUnknownOutcomeError } from '../errors.ts'
import { readLimited, withoutQuery, type Sender } from '../send.ts'

/** WeChat did not take the merchant's certificate, as far as can be seen. The call's outcome stays unknown. */
export class ClientCertificateError extends Error {
  override readonly name = 'ClientCertificateError'
}

/**
 * Connections with the merchant's certificate. A wrong one, or none, never reaches what speaks XML: HTTP 400 with a page of HTML is
 * answered, or the connection ends. Neither proves that it was the certificate, so it is named beside what was seen.
 */
export function certified(sender: Sender): Sender {
  const explained = <T>(path: string, answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      throw named(error, path)
    })

  return {
    ...sender,
    async send(outgoing, deadline) {
      const incoming = await explained(outgoing.path, sender.send(outgoing, deadline))
      if (incoming.status === 400) throw notTaken(outgoing.path, incoming.body)
      return incoming
    },
    async stream(outgoing) {
      const flowing = await explained(outgoing.path, sender.stream(outgoing))
      if (flowing.status === 400) throw notTaken(outgoing.path, await readLimited(flowing.body))
      return flowing
    },
  }
}

function notTaken(path: string, page: Buffer): WechatUnknownOutcomeError {
  const cause = new ClientCertificateError('HTTP 400: WeChat answers so when it does not take the merchant certificate, or got none')
  return new WechatUnknownOutcomeError(withoutQuery(path), cause, { raw: page.toString('utf8') })
}

function named(error: unknown, path: string): unknown {
  if (!(error instanceof WechatUnknownOutcomeError) || !endedEarly(error.cause)) return error
  const detail = 'the connection ended without an answer: WeChat does so, too, when it does not take the merchant certificate'
  return new WechatUnknownOutcomeError(withoutQuery(path), new ClientCertificateError(detail, { cause: error.cause }))
}

/** Reset, closed, or ended by an alert of TLS, which comes after the handshake from a server that speaks TLS 1.3. */
function endedEarly(cause: unknown): boolean {
  if (!(cause instanceof Error) || !('code' in cause)) return false
  const code = String(cause.code)
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE' || code === 'EPROTO' || /^ERR_SSL_/.test(code)
}
