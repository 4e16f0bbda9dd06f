/** Production: the API with the built pages and the settings of the environment; no mock, no demo values. */
import { listenForStop, main } from './command.ts'
import { ensurePages } from './pages.ts'
import { startService, stopService } from './service.ts'

await main(serve)

async function serve(): Promise<number> {
  const { stopped, signal } = listenForStop(() => process.exit(130))
  await Promise.race([ensurePages(console.error, signal), stopped])
  if (signal.aborted) return stopped
  const api = startService({ name: 'The API', main: 'apps/api/src/main.ts', env: process.env })
  void stopped.then(() => stopService(api))
  return api.exited
}
