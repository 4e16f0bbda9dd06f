import { protocols } from '../support/options.ts'
import { expect, test } from '../support/test.ts'
import { serverIsGone } from '../support/troubles.ts'

test('the shop changes to the other protocol while an order is open: the old order is paid by a notice of the old one, a new one by the new', async ({
  checkout,
  openTab,
  phone,
  amount,
  protocol,
  shop,
  troubles,
}) => {
  troubles.expect(serverIsGone)
  const newProtocol = protocols.find((other) => other !== protocol) ?? protocol
  await checkout.open(amount)
  const old = await phone.scan(checkout.page)
  await shop.restartApi({ WXPAY_PROTOCOL: newProtocol })

  const later = await openTab()
  const laterAmount = shop.newAmount()
  await later.open(laterAmount)
  const newer = await phone.scan(later.page)
  await newer.pay()
  await later.isPaid()
  await old.pay()
  await checkout.isPaid()

  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS', protocol }])
  expect(await shop.wechat.tradesOf(laterAmount.fen)).toMatchObject([{ state: 'SUCCESS', protocol: newProtocol }])
  await expect.poll(() => shop.noticesOf(newer.outTradeNo)).toMatchObject([{ result: 'accepted', protocol: newProtocol }])
  await expect.poll(() => shop.noticesOf(old.outTradeNo)).toMatchObject([{ result: 'accepted', protocol }])
})

test('an order of the old protocol can still be cancelled after the change', async ({
  checkout,
  phone,
  amount,
  protocol,
  shop,
  troubles,
}) => {
  troubles.expect(serverIsGone)
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await shop.restartApi({ WXPAY_PROTOCOL: protocols.find((other) => other !== protocol) ?? protocol })
  await checkout.is('waiting')
  await checkout.cancel.click()
  await checkout.confirmCancel.click()
  await checkout.is('closed')
  await expect(bill.pay()).rejects.toMatchObject({ code: 'closed' })
})
