import { X509Certificate } from 'node:crypto'
import { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'

/**
 * Reads apiclient_cert.p12: the merchant's certificate with its key.
 *
 * @param passphrase - the merchant's number, as WeChat sets it
 * @throws {RangeError} with the end of a sentence that begins with "must"; nothing of the file is in it
 */
export function readMerchantP12(pfx: Buffer, passphrase: string): X509Certificate {
  const certificate = certificateOf(open(pfx, passphrase))
  if (!certificate) throw new RangeError('must hold the merchant API certificate (apiclient_cert.p12): there is none in it')
  return certificate
}

function open(pfx: Buffer, passphrase: string): SecureContext {
  try {
    return createSecureContext({ pfx, passphrase }) // sees to it that key and certificate fit
  } catch (error) {
    throw new RangeError(problemOf(error)) // the cause is left out on purpose: it would stand beside a key
  }
}

function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return broken
  if ('code' in error && error.code === 'ERR_CRYPTO_UNSUPPORTED_OPERATION')
    return 'is encrypted in a way that is given up since OpenSSL 3: take apiclient_key.pem and apiclient_cert.pem of the same download instead'
  if (/mac verify failure/i.test(error.message))
    return 'must be the apiclient_cert.p12 of this merchant: its password is the merchant’s number'
  return broken
}

const broken = 'must be apiclient_cert.p12, whole and unchanged'

/** The one way in Node to see the certificate of a PKCS#12 file: the end of a connection that is never made tells its own. */
function certificateOf(secureContext: SecureContext): X509Certificate | undefined {
  const nowhere = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  const socket = new TLSSocket(nowhere, { isServer: true, secureContext })
  try {
    return socket.getX509Certificate()
  } finally {
    socket.destroy()
  }
}

/** Reads the certificate of a CA, whatever its kind of key. @throws {RangeError} as above */
export function readCaCertificate(pem: string): X509Certificate {
  const wanted = 'must be the certificate of a CA in PEM (-----BEGIN CERTIFICATE-----)'
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new RangeError(wanted)
  const certificate = parse(pem, wanted)
  if (!certificate.ca) throw new RangeError(`${wanted}: this one is of no CA`)
  return certificate
}

function parse(pem: string, wanted: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new RangeError(`${wanted}, whole and unchanged`)
  }
}
