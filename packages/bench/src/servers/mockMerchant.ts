import { list, record, text } from './json.ts'

/** The first merchant of the mock, with everything that WeChat would have given him. */
export interface MockMerchant {
  mchId: string
  appId: string
  v2Key: string
  v3Key: string
  merchantSerial: string
  merchantPrivateKey: string
}

export async function readMockMerchant(mockUrl: string): Promise<MockMerchant> {
  const response = await fetch(`${mockUrl}/_control/merchants`)
  const item = record(list(record(await response.json())['items'])[0])
  const [appId] = list(item['appids'])
  if (typeof appId !== 'string') throw new TypeError('a merchant of the mock has an appid')
  return {
    appId,
    mchId: text(item, 'mchid'),
    v2Key: text(item, 'apiKeyV2'),
    v3Key: text(item, 'apiV3Key'),
    merchantSerial: text(item, 'merchantSerial'),
    merchantPrivateKey: text(item, 'merchantPrivateKey'),
  }
}
