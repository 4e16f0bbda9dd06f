import { expectNoSidewaysScrolling } from '../../support/layout.ts'
import { expect, test } from '../../support/test.ts'

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a phone reads the code in the ${colorScheme} theme`, async ({ checkout, phone, amount }) => {
    await checkout.page.emulateMedia({ colorScheme })
    await checkout.open(amount)
    await (await phone.scan(checkout.page)).pay()
    await checkout.isPaid()
  })
}

test('a phone reads the code where the system forces its own colours', async ({ checkout, phone, amount }) => {
  await checkout.page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' })
  await checkout.open(amount)
  expect(await phone.scan(checkout.page)).toMatchObject({ amountFen: amount.fen })
})

test('the code is at least 240 pixels wide, and its quiet zone belongs to it', async ({ checkout, amount }) => {
  await checkout.open(amount)
  const box = await checkout.qr.boundingBox()
  expect(box?.width).toBeGreaterThanOrEqual(240)
  expect(box?.height).toBe(box?.width)
})

const narrow = [
  { name: 'a screen of 320 pixels', width: 320, height: 640, fontSize: '100%' },
  { name: 'a desktop at 200 % zoom', width: 640, height: 400, fontSize: '100%' },
  { name: 'letters twice as large on a phone', width: 390, height: 844, fontSize: '200%' },
]

for (const { name, width, height, fontSize } of narrow) {
  test(`on ${name} nothing scrolls sideways, from the amount to the receipt`, async ({ checkout, phone, amount }) => {
    const { page } = checkout
    await page.setViewportSize({ width, height })
    await checkout.goto()
    await page.evaluate((size) => (document.documentElement.style.fontSize = size), fontSize)
    await expectNoSidewaysScrolling(page)
    await checkout.amount.fill('1234567.891')
    await expectNoSidewaysScrolling(page)
    await checkout.ask(amount)
    await checkout.is('waiting')
    await expect(checkout.qr).toBeVisible()
    await expectNoSidewaysScrolling(page)
    await checkout.help.click()
    await expectNoSidewaysScrolling(page)
    await checkout.cancel.click()
    await expectNoSidewaysScrolling(page)
    await checkout.keepWaiting.click()
    await (await phone.scan(page)).pay()
    await checkout.isPaid()
    await expectNoSidewaysScrolling(page)
    await checkout.receiptLink.click()
    await expect(page.getByTestId('receipt')).toBeVisible()
    await expectNoSidewaysScrolling(page)
  })
}

test('the policy of the page bites: a script or style that somebody puts in is refused', async ({ checkout, troubles }) => {
  troubles.expect(/Content Security Policy/)
  await checkout.goto()
  await checkout.is('idle')
  await checkout.page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'document.title = "taken over"'
    document.head.append(script)
    document.body.setAttribute('style', 'display: none')
  })
  await expect.poll(() => troubles.seen().filter((text) => text.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(2)
  await expect(checkout.page).not.toHaveTitle('taken over')
  await expect(checkout.amount).toBeVisible()
})
