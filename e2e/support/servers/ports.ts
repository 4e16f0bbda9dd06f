import { createServer } from 'node:net'

/**
 * Below the range from which systems take the ports of outgoing connections and of "any free port" (32768 and up on Linux, 49152 elsewhere):
 * a port of ours stays ours while its server is dead, so that it comes back at the same address.
 */
const first = 20_000
const blocks = 120
const portsInBlock = 100

let next = 0

/** Another run on this machine may take a port between our look and our server's start. */
const tries = 5

/**
 * Starts a server on a port of the loopback that nobody listens on.
 *
 * @param worker - workers of one run have different numbers, and blocks of their own
 * @param start - on the given port
 */
export async function startOnFreePort<Started>(worker: number, start: (port: number) => Promise<Started>): Promise<Started> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await start(await findPort(worker))
    } catch (error) {
      if (tried === tries || !String(error).includes('EADDRINUSE')) throw error
    }
  }
}

/** Another one, for a server that listens twice. It is to be looked for within `start`. */
export async function findPort(worker: number): Promise<number> {
  // Two primes: runs that were started together, with process numbers that follow each other, begin in different blocks.
  const block = (process.ppid * 31 + worker * 7) % blocks
  for (let looked = 0; looked < portsInBlock; looked += 1) {
    const port = first + block * portsInBlock + (next++ % portsInBlock)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port among ${portsInBlock} from ${first + block * portsInBlock}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
