import type { BrowserContext, ConsoleMessage, WebError } from '@playwright/test'

export interface Troubles {
  /** Listens to every page of the context, those that come later too. @returns ends it */
  watch(context: BrowserContext): () => void
  /** The test brings this about itself, such as a request that fails while the network is gone. */
  expect(message: RegExp): void
  unexpected(): string[]
  seen(): readonly string[]
}

/** What Chromium says of requests to a server that is not there. */
export const serverIsGone =
  /ERR_CONNECTION_(REFUSED|RESET|CLOSED|ABORTED)|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/

/** Errors of pages: uncaught ones, and all that the browser writes as errors to its console, such as what the content security policy refused. */
export function watchTroubles(): Troubles {
  const all: string[] = []
  const expected: RegExp[] = []
  return {
    watch(context) {
      const onConsole = (message: ConsoleMessage) => {
        if (message.type() === 'error') all.push(`${message.text()} (${message.location().url})`)
      }
      const onError = (error: WebError) => void all.push(`uncaught: ${error.error().stack ?? error.error().message}`)
      context.on('console', onConsole).on('weberror', onError)
      return () => void context.off('console', onConsole).off('weberror', onError)
    },
    expect: (message) => void expected.push(message),
    unexpected: () => all.filter((text) => !expected.some((message) => message.test(text))),
    seen: () => all,
  }
}
