/** Ends the process with what a command says; an error is told in words, without a stack. */
export async function main(command: () => Promise<number>): Promise<never> {
  try {
    process.exit(await command())
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}

/** The number that a shell gives for a command ended by a signal is 128 + this. */
const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
type StopSignal = keyof typeof numbers

/**
 * Hears the wish to stop. The first one resolves `stopped` and aborts `signal`; another Ctrl-C runs `now`.
 *
 * @returns `stopped` with the exit code that tells of the signal, e.g. 130 for Ctrl-C
 */
export function listenForStop(now: () => void): { stopped: Promise<number>; signal: AbortSignal } {
  const controller = new AbortController()
  const stopped = new Promise<number>((resolve) => {
    for (const name of Object.keys(numbers) as StopSignal[]) {
      process.on(name, () => {
        if (controller.signal.aborted && name === 'SIGINT') now()
        resolve(128 + numbers[name])
        controller.abort()
      })
    }
  })
  return { stopped, signal: controller.signal }
}
