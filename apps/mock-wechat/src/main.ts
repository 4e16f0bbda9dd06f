import { loadConfig } from './config.ts'
import { startMock, type Mock } from './server.ts'

const mock = await start().catch((cause: unknown) => {
  console.error(cause instanceof Error ? `mock WeChat cannot start: ${cause.message}` : cause)
  process.exit(1)
})

/** Async, so that bad settings are told like everything else that keeps it from starting. */
async function start(): Promise<Mock> {
  return startMock(loadConfig(process.env))
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void mock.stop().then(() => process.exit(0)))
}
// Last: whoever waits for this line may signal at once.
console.log(`mock WeChat ready at ${mock.url} (the phone: ${mock.url}/phone${mock.tls ? `; TLS: ${mock.tls.url}` : ''})`)
