import type { DemoAddresses, DemoMerchant } from './demoSettings.ts'

/**
 * Tells the mock what a merchant types into WeChat's platforms: where printed codes are asked for (mode 1), and where an official account
 * hears of its followers.
 *
 * @throws {Error} when the mock does not take it
 */
export async function introduceShop({ mockUrl, apiUrl }: DemoAddresses, { mchId }: DemoMerchant): Promise<void> {
  // The shop is not up yet, so that the address of messages cannot be asked first, as WeChat's platform does.
  const body = { mchid: mchId, scanUrl: `${apiUrl}/notices/v2/scan`, messagesUrl: `${apiUrl}/wechat/messages`, check: false }
  const answer = await fetch(`${mockUrl}/_control/accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`The mock of WeChat did not take the addresses of the shop: ${answer.status} ${await answer.text()}`)
}
