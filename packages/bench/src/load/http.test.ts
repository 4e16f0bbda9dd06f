import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished, expect, it } from 'vitest'
import { openLoad, rawRequest, readAnswer } from './http.ts'

/** Answers with what it was sent, 500 where it was sent "no". */
async function startEcho(): Promise<{ port: number; mostAtOnce: () => number }> {
  let atOnce = 0
  let most = 0
  const server: Server = createServer((request, response) => {
    most = Math.max(most, ++atOnce)
    void text(request).then((body) => {
      atOnce -= 1
      response.writeHead(body === 'no' ? 500 : 200, { 'content-length': Buffer.byteLength(body) }).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has a port')
  return { port: address.port, mostAtOnce: () => most }
}

it('reads an answer only when all of it is there', () => {
  const whole = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello')
  for (let length = 0; length < whole.length; length += 1) expect(readAnswer(whole.subarray(0, length))).toBeUndefined()
  expect(readAnswer(whole)).toEqual({ status: 200, head: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y', body: Buffer.from('hello') })
})

it('takes an answer without content for what it is', () => {
  expect(readAnswer(Buffer.from('HTTP/1.1 204 No Content\r\nX: y\r\n\r\n'))).toMatchObject({ status: 204, body: Buffer.alloc(0) })
})

it('refuses an answer whose end it could not tell', () => {
  expect(() => readAnswer(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'))).toThrow('without a length')
})

it('sends every request once, so many at a time', async () => {
  const { port, mostAtOnce } = await startEcho()
  const load = await openLoad(port, 4)
  onTestFinished(load.close)
  await load.send(Array.from({ length: 40 }, (_, index) => rawRequest('POST', '/', {}, `no. ${index}`)))
  expect(mostAtOnce()).toBeLessThanOrEqual(4)
  expect((await load.ask(rawRequest('POST', '/', {}, '你好'))).body.toString('utf8')).toBe('你好')
})

it('does not count a refusal as work done', async () => {
  const { port } = await startEcho()
  const load = await openLoad(port, 2)
  onTestFinished(load.close)
  const send = load.send([rawRequest('POST', '/', {}, 'yes'), rawRequest('POST', '/', {}, 'no')])
  await expect(send).rejects.toThrow('answered 500: no')
})
