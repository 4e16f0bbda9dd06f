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
  for (const { name, port } of settings) {
    const problem = taken.has(port) ? 'is wanted twice' : await whyNot(host, port)
    if (problem)
      throw new Error(
        `${name}: port ${port} on ${host} ${problem}. Choose another one, for example:\n\n    ${name}=${otherPort(port)} ${command}\n\nA second copy beside a running one needs a DATA_DIR of its own, too.\n`,
      )
    taken.add(port)
  }
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
