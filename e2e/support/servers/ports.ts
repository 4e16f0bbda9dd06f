import { createServer } from 'node:net'

/**
 * Below the range from which systems take the ports of outgoing connections and of "any free port" (32768 and up on Linux, 49152 elsewhere):
 * a port of ours stays ours while its server is dead, so that it comes back at the same address.
 */
const first = 20_000
const blocks = 120
const portsInBlock = 100

/** Runs on one machine at once begin in different blocks, most likely; where they meet, a taken port is passed over. */
let next = 0

/**
 * A port of the loopback that nobody listens on.
 *
 * @param worker - workers of one run have different numbers, and blocks of their own
 */
export async function claimPort(worker: number): Promise<number> {
  const block = (process.ppid + worker) % blocks
  for (let tried = 0; tried < portsInBlock; tried += 1) {
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
