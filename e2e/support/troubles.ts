import type { BrowserContext } from '@playwright/test'

export interface Troubles {
  /** Listens to every page of the context, those that come later too. */
  watch(context: BrowserContext): void
  /** The test brings this about itself, such as a request that fails while the network is gone. */
  expect(message: RegExp): void
  unexpected(): string[]
  seen(): readonly string[]
}

/** Errors of pages: uncaught ones, and all that the browser writes as errors to its console, such as what the content security policy refused. */
export function watchTroubles(): Troubles {
  const all: string[] = []
  const expected: RegExp[] = []
  return {
    watch(context) {
      context.on('console', (message) => {
        if (message.type() === 'error') all.push(`${message.text()} (${message.location().url})`)
      })
      context.on('weberror', (error) => all.push(`uncaught: ${error.error().stack ?? error.error().message}`))
    },
    expect: (message) => void expected.push(message),
    unexpected: () => all.filter((text) => !expected.some((message) => message.test(text))),
    seen: () => all,
  }
}
