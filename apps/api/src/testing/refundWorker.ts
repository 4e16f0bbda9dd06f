import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('refundWorkerProcess.ts', import.meta.url))

export interface RefundWorker {
  /** kill -9, and until it is gone. */
  kill(): Promise<void>
}

/** Another process that submits and follows the refunds of a database, at the test's time. */
export function startRefundWorker(settings: { database: pg.PoolConfig; wechatUrl: string; now: number }): RefundWorker {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'inherit', 'inherit'] })
  const exited = once(child, 'exit')
  child.stdin.write(`${JSON.stringify(settings)}\n`)
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  onTestFinished(kill)
  return { kill }
}

/** A server at the test's side of the process boundary. `answer` gives the body, or never settles. */
export async function startAnswers(answer: (call: string, body: unknown) => Promise<unknown>): Promise<string> {
  const server = createServer((request, response) => {
    void json(request)
      .then((body) => answer((request.url ?? '').slice(1), body))
      .then((body) => response.end(JSON.stringify(body)))
      .catch(() => response.destroy()) // the worker was killed
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}
