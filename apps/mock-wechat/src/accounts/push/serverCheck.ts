import type { Account } from '../account.ts'
import { digits, randomText } from '../../support/random.ts'
import type { Sender } from './send.ts'
import { signatureOf } from './signature.ts'
import { withQuery } from './withQuery.ts'

/**
 * What the console does before it saves an address: a signed GET, whose echostr must come back as it is.
 * Clear in every mode.
 *
 * @param now - real time in milliseconds
 * @returns null when the address may be saved, else why not
 */
export async function checkServer(url: string, { token }: Pick<Account, 'token'>, sender: Sender, now: number): Promise<string | null> {
  const [timestamp, nonce, echostr] = [String(Math.floor(now / 1000)), randomText(digits, 10), randomText(digits, 19)]
  const query = new URLSearchParams({ signature: signatureOf(token, timestamp, nonce), echostr, timestamp, nonce })
  const { status, body, error } = await sender.get(withQuery(url, query))
  if (error !== null) return `请求URL超时: ${error}`
  if (status !== 200) return `token验证失败: HTTP ${status ?? 'nothing'} instead of 200`
  return body === echostr ? null : 'token验证失败: the answer is not the echostr, character for character'
}
