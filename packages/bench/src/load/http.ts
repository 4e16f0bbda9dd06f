import { connect, type Socket } from 'node:net'

/** An answer as far as the load looks at it. */
export interface RawAnswer {
  status: number
  head: string
  body: Buffer
}

/** A request as bytes: who sends it has nothing left to do but to send it. */
export function rawRequest(method: string, path: string, headers: Readonly<Record<string, string>>, body = ''): Buffer {
  const bytes = Buffer.from(body, 'utf8')
  const lines = Object.entries({ Host: '127.0.0.1', ...headers, ...(body && { 'Content-Length': String(bytes.length) }) })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`, 'latin1'), bytes])
}

/**
 * Sends requests over connections that stay, one at a time on each: so many are always under way. A client library would
 * take more of its core than the servers take of theirs.
 */
export interface Load {
  /** @throws {Error} at the first answer that is not 2xx, with its body */
  send(requests: readonly Buffer[]): Promise<void>
  ask(request: Buffer): Promise<RawAnswer>
  close(): void
}

export async function openLoad(port: number, atOnce: number): Promise<Load> {
  const lines = await Promise.all(Array.from({ length: atOnce }, () => openLine(port)))
  const [first] = lines
  if (!first) throw new RangeError('a load has at least one connection')
  return {
    ask: first.ask,
    async send(requests) {
      let next = 0
      const work = async ({ ask }: Line): Promise<void> => {
        for (let request = requests[next++]; request; request = requests[next++]) {
          const { status, body } = await ask(request)
          if (status < 200 || status > 299) throw new Error(`answered ${status}: ${body.toString('utf8')}`)
        }
      }
      await Promise.all(lines.map(work))
    },
    close: () => lines.forEach(({ socket }) => socket.destroy()),
  }
}

interface Line {
  socket: Socket
  ask(request: Buffer): Promise<RawAnswer>
}

async function openLine(port: number): Promise<Line> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let waiting: PromiseWithResolvers<RawAnswer> | undefined
  let received: Buffer = Buffer.alloc(0)
  const fail = (error: Error): void => waiting?.reject(error)
  socket.on('error', fail).on('close', () => fail(new Error('the server closed the connection')))
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    try {
      const answer = readAnswer(received)
      if (!answer) return
      received = Buffer.alloc(0)
      waiting?.resolve(answer)
    } catch (error) {
      waiting?.reject(error)
    }
  })
  return {
    socket,
    ask(request) {
      waiting = Promise.withResolvers()
      socket.write(request)
      return waiting.promise
    },
  }
}

/** @returns undefined while some of it is missing. @throws {Error} for an answer without a length, which our servers do not send */
export function readAnswer(bytes: Buffer): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const status = Number(head.slice(9, 12))
  const length = status === 204 ? 0 : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN)
  if (Number.isNaN(length)) throw new Error(`an answer without a length: ${head}`)
  const from = end + 4
  return bytes.length < from + length ? undefined : { status, head, body: bytes.subarray(from, from + length) }
}
