import { fork } from 'node:child_process'
import { join } from 'node:path'
import { nodeOn } from './cores.ts'
import { basicEnvironment } from './environment.ts'

/** A baseline in a process of its own, on the server's core: it has what the API has. */
export interface BareProcess {
  pid: number
  /** @throws {Error} with what went wrong over there */
  ask(task: string, input: unknown): Promise<unknown>
  close(): Promise<void>
}

/** @param file - in bare/, e.g. "notices.ts" */
export function startBare(file: string, core: number | undefined): BareProcess {
  const { command, args } = nodeOn(core)
  // fork runs execPath with execArgv and then the file: on a core, that is taskset with node as its argument.
  const child = fork(join(import.meta.dirname, '../bare', file), [], {
    execPath: command,
    execArgv: args,
    env: basicEnvironment(),
    serialization: 'advanced',
  })
  const waiting: PromiseWithResolvers<unknown>[] = []
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void ended.then(() => {
    for (const one of waiting) one.reject(new Error(`the baseline ${file} has ended`))
  })
  child.on('message', (message: { output?: unknown; error?: string }) => {
    const first = waiting.shift()
    if (message.error === undefined) first?.resolve(message.output)
    else first?.reject(new Error(`the baseline ${file} failed: ${message.error}`))
  })

  return {
    pid: child.pid ?? 0,
    ask(task, input) {
      const answer = Promise.withResolvers<unknown>()
      waiting.push(answer)
      child.send({ task, input })
      return answer.promise
    },
    async close() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
