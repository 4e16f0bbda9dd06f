import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** WCAG 2.2, A and AA: https://github.com/dequelabs/axe-core/blob/develop/doc/API.md#axe-core-tags */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Axe finds nothing on the page as it is, in the light theme and in the dark one. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await settled(page, colorScheme)
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
    const found = violations.map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary ?? ''}`),
    }))
    expect.soft(found, `what axe finds, ${colorScheme}`).toEqual([])
  }
}

/** The dialog, whose theme is made by a script, has followed the page's, and nothing fades any more. */
async function settled(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  const dialogFollows = () =>
    page.evaluate((theme) => {
      const { color } = getComputedStyle(document.body)
      const headings = [...document.querySelectorAll('[role=dialog] :is(h2, h3)')]
      return (
        matchMedia(`(prefers-color-scheme: ${theme})`).matches && headings.every((heading) => getComputedStyle(heading).color === color)
      )
    }, colorScheme)
  await expect.poll(dialogFollows, 'the dialog has the colours of the theme').toBe(true)
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
    await Promise.allSettled(ending.map(({ finished }) => finished))
  })
}
