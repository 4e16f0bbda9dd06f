import { expect, type Page } from '@playwright/test'
import axe from 'axe-core'

/** WCAG 2.2, A and AA: https://github.com/dequelabs/axe-core/blob/develop/doc/API.md#axe-core-tags */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

declare global {
  interface Window {
    readonly axe: typeof axe
  }
}

/** Axe finds nothing on the page as it is, in the light theme and in the dark one. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await settled(page, colorScheme)
    expect.soft(await violationsOn(page), `what axe finds, ${colorScheme}`).toEqual([])
  }
}

/** Our pages have no frames, so that axe is put into the page once, and asked there. */
async function violationsOn(page: Page): Promise<{ id: string; help: string; where: string[] }[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async (runOnly) => {
    const { violations } = await window.axe.run(document, { runOnly, resultTypes: ['violations'] })
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary ?? ''}`),
    }))
  }, tags)
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
