import { refusalOf } from '../../support/askApi.ts'
import { insideWechat, phoneBrowser } from '../../support/devices.ts'
import { expect, test } from '../../support/test.ts'

/** A merchant without accounts and without H5. */
test.use({
  settings: {
    WECHAT_OA_SECRET: '',
    WECHAT_OA_TOKEN: '',
    WECHAT_OA_AES_KEY: '',
    WECHAT_MINIPROGRAM_APP_ID: '',
    WECHAT_MINIPROGRAM_SECRET: '',
    WXPAY_H5: 'off',
  },
})
/** In one worker, whose API is started anew once for all of them. */
test.describe.configure({ mode: 'default' })

for (const [where, device, words] of [
  ['inside WeChat', insideWechat, '您正在微信中，请用另一部手机的微信扫描此码'],
  ['in a phone’s browser', phoneBrowser, '请用另一部手机扫码，或在电脑上打开本页'],
] as const) {
  test(`where nothing but codes is enabled, a code is offered ${where}, with how it can be scanned, and nobody is sent anywhere`, async ({
    openBrowser,
    phone,
    amount,
    shop,
  }) => {
    const checkout = await openBrowser(device)
    const elsewhere: string[] = []
    checkout.page.on('request', (request) => {
      if (!request.url().startsWith(shop.url) && !request.url().startsWith('data:')) elsewhere.push(request.url())
    })
    await checkout.open(amount)
    await expect(checkout.dialog).toContainText(words)
    await (await phone.scan(checkout.page)).pay()
    await checkout.isPaid()
    expect(elsewhere).toEqual([])
  })
}

for (const tradeType of ['jsapi', 'h5']) {
  test(`where nothing but codes is enabled, ${tradeType} is refused with 409, and nothing is stored`, async ({ amount, shop }) => {
    expect(await refusalOf(shop, { amountFen: amount.fen, tradeType })).toEqual({ status: 409, code: 'trade_type_not_enabled' })
    expect(await shop.wechat.tradesOf(amount.fen)).toEqual([])
  })
}
