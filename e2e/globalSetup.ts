import { runCommand } from './support/servers/command.ts'

/**
 * Servers are started by the dozen here, and their modules take most of a start. Node keeps compiled modules where NODE_COMPILE_CACHE says,
 * when a process ends by itself: these servers are killed, so that each is started once with settings that it does not go on with.
 */
export default async function fillCompileCache(): Promise<void> {
  await runCommand('apps/api/src/main.ts', [], {})
  await runCommand('apps/mock-wechat/src/main.ts', [], { MOCK_WECHAT_PORT: 'none' })
}
