import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'

export interface MessageCipher {
  /** @throws {MessageCipherError} when it was not made with this key, or for another appid. Check the signature first. */
  decrypt(encrypted: string): string
  /** @param random - 16 bytes, new ones unless a test says otherwise */
  encrypt(message: string, random?: Buffer): string
}

/** A message is not for this account, was made with another key, or was changed. One text for all: it must not tell which. */
export class MessageCipherError extends Error {
  override readonly name = 'MessageCipherError'

  constructor(options?: ErrorOptions) {
    super('the message does not open', options)
  }
}

const algorithm = 'aes-256-cbc'
const randomLength = 16
const headLength = randomLength + 4 // and the length of the message, 4 bytes, big-endian
/** Not the 16 of AES: WeChat pads to blocks of 32 bytes. */
const blockLength = 32

/**
 * AES-256-CBC as official accounts have it: 16 random bytes, the length of the message, the message, the appid, padding. The first 16
 * bytes of the key are the initialisation vector. It does not authenticate: msg_signature does.
 *
 * @param encodingAesKey - 43 letters and digits, base64 without its last "="
 * @throws {RangeError} when it is something else
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Message_encryption_and_decryption_instructions.html
 */
export function createMessageCipher(encodingAesKey: string, appId: string): MessageCipher {
  if (!/^[A-Za-z0-9]{43}$/.test(encodingAesKey)) throw new RangeError('encodingAesKey must be exactly 43 letters and digits')
  // The 43rd character carries two bits that are not used: Buffer ignores them, as WeChat does.
  const bytes = Buffer.from(`${encodingAesKey}=`, 'base64')
  const key = createSecretKey(bytes)
  const iv = bytes.subarray(0, 16)

  function open(encrypted: string): Buffer {
    try {
      const decipher = createDecipheriv(algorithm, key, iv).setAutoPadding(false)
      return Buffer.concat([decipher.update(encrypted, 'base64'), decipher.final()])
    } catch (cause) {
      throw new MessageCipherError({ cause })
    }
  }

  return {
    decrypt(encrypted) {
      const content = withoutPadding(open(encrypted))
      if (content.length < headLength) throw new MessageCipherError()
      const end = headLength + content.readUInt32BE(randomLength)
      if (end > content.length || content.toString('utf8', end) !== appId) throw new MessageCipherError()
      return content.toString('utf8', headLength, end)
    },
    encrypt(message, random = randomBytes(randomLength)) {
      if (random.length !== randomLength) throw new RangeError(`random must have ${randomLength} bytes`)
      const text = Buffer.from(message, 'utf8')
      const length = Buffer.alloc(4)
      length.writeUInt32BE(text.length)
      const content = withPadding(Buffer.concat([random, length, text, Buffer.from(appId, 'utf8')]))
      const cipher = createCipheriv(algorithm, key, iv).setAutoPadding(false)
      return Buffer.concat([cipher.update(content), cipher.final()]).toString('base64')
    },
  }
}

/** 1 to 32 bytes, each of which is their number. */
function withPadding(content: Buffer): Buffer {
  const count = blockLength - (content.length % blockLength)
  return Buffer.concat([content, Buffer.alloc(count, count)])
}

function withoutPadding(padded: Buffer): Buffer {
  const count = padded.at(-1) ?? 0
  const end = padded.length - count
  if (count < 1 || count > blockLength || end < 0) throw new MessageCipherError()
  if (padded.subarray(end).some((byte) => byte !== count)) throw new MessageCipherError()
  return padded.subarray(0, end)
}
