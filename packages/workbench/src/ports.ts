import { createServer } from 'node:net'

export interface PortSetting {
  /** The setting's name, e.g. "PORT". */
  name: string
  port: number
}

/** @throws {Error} that names the setting and a value that would do */
export function readPort(env: NodeJS.ProcessEnv, name: string, standard: number): PortSetting {
  const text = env[name] || String(standard)
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) throw new Error(`${name} must be a port from 1 to 65535, for example ${name}=${standard}.`)
  return { name, port }
}

/** Tries to listen, so that a port in use is told before anything is started. @throws {Error} that says what to type */
export async function checkPorts(host: string, settings: PortSetting[], command: string): Promise<void> {
  const taken = new Set<number>()
  const problems: string[] = []
  const instead: string[] = []
  for (const { name, port } of settings) {
    const problem = taken.has(port) ? 'is wanted twice' : await whyNot(host, port)
    taken.add(port)
    if (problem === undefined) continue
    problems.push(`${name}: port ${port} on ${host} ${problem}.`)
    instead.push(`${name}=${otherPort(port)}`)
  }
  if (problems.length === 0) return
  const advice = `Choose ${problems.length > 1 ? 'others' : 'another one'}, for example:\n\n    ${instead.join(' ')} ${command}`
  throw new Error(`${problems.join('\n')}\n${advice}\n\nA second copy beside a running one needs a DATA_DIR of its own, too.\n`)
}

function whyNot(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.code ?? error.message})`),
    )
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

function otherPort(port: number): number {
  return port < 60_000 ? Math.max(port, 1024) + 100 : port - 100
}
