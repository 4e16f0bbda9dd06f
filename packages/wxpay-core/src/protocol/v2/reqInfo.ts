import { createDecipheriv, createSecretKey, hash } from 'node:crypto'

/** Not encrypted with this key, or changed so that it shows. */
export class ReqInfoError extends Error {
  override readonly name = 'ReqInfoError'
  readonly problem: 'malformed' | 'undecryptable'

  constructor(problem: 'malformed' | 'undecryptable', detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.problem = problem
  }
}

/** Opens the `req_info` of a refund's notice. @throws {ReqInfoError} */
export type ReqInfoOpener = (reqInfo: string) => Buffer

const blockBytes = 16
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * AES-256-ECB, whose 32 bytes of key are the MD5 of the API key in lower-case hex, as text. There is no tag: that it opens does not show
 * that WeChat made it as it is, for whole blocks can be exchanged and old messages sent again (rule R20).
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_16
 */
export function createReqInfoOpener(key: string): ReqInfoOpener {
  const secret = createSecretKey(hash('md5', key, 'hex'), 'ascii')

  return (reqInfo) => {
    if (!base64.test(reqInfo)) throw new ReqInfoError('malformed', 'req_info is not base64')
    const sealed = Buffer.from(reqInfo, 'base64')
    if (sealed.length === 0 || sealed.length % blockBytes !== 0) throw new ReqInfoError('malformed', 'req_info has no whole blocks')
    const decipher = createDecipheriv('aes-256-ecb', secret, null)
    try {
      return Buffer.concat([decipher.update(sealed), decipher.final()])
    } catch (cause) {
      throw new ReqInfoError('undecryptable', 'req_info is not encrypted with our key', { cause })
    }
  }
}
