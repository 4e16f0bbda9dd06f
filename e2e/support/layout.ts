import { expect, type Page } from '@playwright/test'

/** WCAG 2.2, 1.4.10: at 320 pixels nothing has to be read by scrolling in two directions. */
export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const { clientWidth } = document.documentElement
    // The page itself, and whatever scrolls in it, such as the place of the dialog.
    return [document.documentElement, ...document.querySelectorAll('.payment-dialog, main')]
      .filter((element) => element.scrollWidth > clientWidth)
      .map((element) => `${element.tagName}.${element.className}: ${element.scrollWidth} > ${clientWidth}`)
  })
  expect(wide).toEqual([])
}
