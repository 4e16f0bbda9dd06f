import { errors } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { refusingUrl, reset, startServer, type Behaviour, type TestServer } from '../testing/server.ts'
import { WechatUnknownOutcomeError } from './errors.ts'
import { createSender, maxAnswerBytes, wasNotSent, type Sender, type SenderOptions } from './send.ts'

const contentType = 'text/xml; charset=utf-8'
const body = '<xml><body><![CDATA[青禾书店]]></body></xml>'
const outgoing = { method: 'POST', path: '/pay/unifiedorder', headers: { accept: contentType, 'content-type': contentType }, body } as const
const arrived = { method: 'POST', path: '/pay/unifiedorder', contentType, body }

const opened: { destroy?: () => Promise<void>; close?: () => Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await (one.destroy ?? one.close)?.()
})

async function server(behave: Behaviour): Promise<TestServer> {
  const started = await startServer(behave)
  opened.push({ close: started.close })
  return started
}

function sender(options: SenderOptions): Sender {
  const made = createSender(options)
  opened.push({ destroy: () => made.destroy() })
  return made
}

async function unknownOutcome(promise: Promise<unknown>): Promise<WechatUnknownOutcomeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof WechatUnknownOutcomeError)) throw new Error('expected an unknown outcome', { cause: error })
  return error
}

const answers =
  (text: string): Behaviour =>
  (response) =>
    response.end(text)

describe('a call over the network', () => {
  it('posts the text as it is, in UTF-8, and hands back status and bytes', async () => {
    const wechat = await server(answers('好'))
    expect(await sender({ apiUrl: wechat.url }).send(outgoing)).toMatchObject({ status: 200, body: Buffer.from('好') })
    expect(wechat.received).toMatchObject([arrived])
  })

  it('says what it is and what it takes, and hands back the headers of the answer', async () => {
    const wechat = await server((response) => response.setHeader('Request-ID', '08F5-0').end())
    const { headers } = await sender({ apiUrl: wechat.url }).send({ ...outgoing, headers: { accept: 'application/json' } })
    expect(headers).toMatchObject({ 'request-id': '08F5-0' })
    expect(wechat.received[0]?.headers).toMatchObject({
      accept: 'application/json',
      'user-agent': expect.stringMatching(/^wxpay-checkout\/\d/),
    })
  })

  it('R22 tells the Date of every answer, of whatever status, and not what is no date', async () => {
    const dates: number[] = []
    const answer = (status: number, date: string) => server((response) => response.writeHead(status, { date }).end())
    for (const [status, date] of [
      [200, 'Thu, 01 Jan 2026 00:00:07 GMT'],
      [500, 'Thu, 01 Jan 2026 00:05:00 GMT'],
      [200, 'now'],
    ] as const) {
      const made = sender({ apiUrl: (await answer(status, date)).url, onAnswerDate: (ms) => void dates.push(ms) })
      expect((await made.send(outgoing)).status).toBe(status)
    }
    expect(dates).toEqual([Date.UTC(2026, 0, 1, 0, 0, 7), Date.UTC(2026, 0, 1, 0, 5, 0)])
  })

  it('asks by GET without a body, with its query, which is not part of the name of the call', async () => {
    const wechat = await server((_response, _received, request) => {
      reset(request)
    })
    const get = { method: 'GET', path: '/v3/pay/transactions/id/42?mchid=1900000109', headers: {} } as const
    const error = await unknownOutcome(sender({ apiUrl: wechat.url }).send(get))
    expect(error.message).toBe('no trustworthy answer to /v3/pay/transactions/id/42')
    expect(wechat.received).toMatchObject([{ method: 'GET', path: get.path, contentType: undefined, body: '' }])
  })

  it('R4 ends at the deadline that several calls share', async () => {
    const silent = await server(() => undefined)
    const made = sender({ apiUrl: silent.url, timeoutMs: 50 })
    const deadline = made.deadline()
    await unknownOutcome(made.send(outgoing, deadline))
    expect((await unknownOutcome(made.send(outgoing, deadline))).cause).toMatchObject({ name: 'TimeoutError' })
    expect(silent.received).toHaveLength(1)
  })

  it('keeps a path in front of WeChat’s own', async () => {
    const wechat = await server(answers('ok'))
    await sender({ apiUrl: `${wechat.url}/mock/` }).send(outgoing)
    expect(wechat.received[0]?.path).toBe('/mock/pay/unifiedorder')
  })

  it('hands back a redirect instead of following it', async () => {
    const wechat = await server((response) => response.writeHead(302, { location: '/elsewhere' }).end())
    expect((await sender({ apiUrl: wechat.url }).send(outgoing)).status).toBe(302)
    expect(wechat.received).toHaveLength(1)
  })

  it('R4 is unknown when no answer comes in time, and the other address is not tried', async () => {
    const silent = await server(() => undefined)
    const backup = await server(answers('ok'))
    const error = await unknownOutcome(sender({ apiUrl: silent.url, apiBackupUrl: backup.url, timeoutMs: 50 }).send(outgoing))
    expect(error).toMatchObject({
      outcome: 'unknown',
      cause: { name: 'TimeoutError' },
      message: 'no trustworthy answer to /pay/unifiedorder',
    })
    expect(backup.received).toHaveLength(0)
  })

  it('R4 is unknown when the body stops half-way', async () => {
    const wechat = await server((response) => response.write('<xml>'))
    expect((await unknownOutcome(sender({ apiUrl: wechat.url, timeoutMs: 50 }).send(outgoing))).cause).toMatchObject({
      name: 'TimeoutError',
    })
  })

  it('R4 is unknown after a reset, which is never repeated and never taken to the other address', async () => {
    const resetting = await server((_response, _received, request) => {
      reset(request)
    })
    const backup = await server(answers('ok'))
    await unknownOutcome(sender({ apiUrl: resetting.url, apiBackupUrl: backup.url }).send(outgoing))
    expect(resetting.received).toHaveLength(1)
    expect(backup.received).toHaveLength(0)
  })

  it('R4 is unknown when the connection ends before the announced length, or in the middle of a chunked body', async () => {
    const cut = await server((response, _received, request) => {
      response.writeHead(200, { 'content-length': '100' }).write('<xml>', () => request.socket.destroy())
    })
    await unknownOutcome(sender({ apiUrl: cut.url }).send(outgoing))
    const cutChunked = await server((response, _received, request) => {
      response.write('<xml>', () => request.socket.destroy())
    })
    await unknownOutcome(sender({ apiUrl: cutChunked.url }).send(outgoing))
  })

  it('R4 is unknown when what answers does not speak HTTP', async () => {
    const wechat = await server((_response, _received, request) => request.socket.end('SSH-2.0-OpenSSH\r\n'))
    await unknownOutcome(sender({ apiUrl: wechat.url }).send(outgoing))
  })

  it('reads an answer of the limit, and not one byte more', async () => {
    const wechat = await server((response, { body }) => response.end('x'.repeat(Number(body))))
    const { send } = sender({ apiUrl: wechat.url })
    expect((await send({ ...outgoing, body: String(maxAnswerBytes) })).body).toHaveLength(maxAnswerBytes)
    const error = await unknownOutcome(send({ ...outgoing, body: String(maxAnswerBytes + 1) }))
    expect(error.cause).toMatchObject({ message: `the answer has more than ${maxAnswerBytes} bytes` })
  })

  it('does not read on when an answer never ends', async () => {
    const wechat = await server(function write(response) {
      if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(write, response))
    })
    const error = await unknownOutcome(sender({ apiUrl: wechat.url }).send(outgoing))
    expect(error.cause).toBeInstanceOf(RangeError)
  })

  it('goes to the other address when the connection is refused', async () => {
    const backup = await server(answers('from the backup'))
    const { body } = await sender({ apiUrl: await refusingUrl(), apiBackupUrl: backup.url }).send(outgoing)
    expect(body.toString()).toBe('from the backup')
    expect(backup.received).toMatchObject([arrived])
  })

  it('is unknown, with both causes, when neither address can be reached', async () => {
    const error = await unknownOutcome(sender({ apiUrl: await refusingUrl(), apiBackupUrl: await refusingUrl() }).send(outgoing))
    expect(error.cause).toMatchObject({ errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }] })
  })

  it('counts the other address into the time of the call', async () => {
    const silent = await server(() => undefined)
    const error = await unknownOutcome(sender({ apiUrl: await refusingUrl(), apiBackupUrl: silent.url, timeoutMs: 50 }).send(outgoing))
    expect(error.cause).toMatchObject({ name: 'TimeoutError' })
  })

  it('ends when the sender is destroyed', async () => {
    const made = createSender({ apiUrl: (await server(() => void made.destroy())).url })
    expect((await unknownOutcome(made.send(outgoing))).cause).toMatchObject({ code: 'UND_ERR_DESTROYED' })
  })

  it.each([
    ['an address without a protocol', { apiUrl: 'api.mch.weixin.qq.com' }],
    ['another protocol', { apiUrl: 'ftp://api.mch.weixin.qq.com' }],
    ['a query', { apiUrl: 'https://api.mch.weixin.qq.com/?a=b' }],
    ['a user', { apiUrl: 'https://user:secret@api.mch.weixin.qq.com' }],
    ['a bad backup', { apiUrl: 'https://api.mch.weixin.qq.com', apiBackupUrl: '' }],
    ['no time at all', { apiUrl: 'https://api.mch.weixin.qq.com', timeoutMs: 0 }],
    ['a part of a millisecond', { apiUrl: 'https://api.mch.weixin.qq.com', connectTimeoutMs: 0.5 }],
  ])('refuses %s when it is made, and does not print it', (_, options) => {
    expect(() => createSender(options)).toThrow(RangeError)
    expect(() => createSender(options)).not.toThrow(/secret/)
  })
})

describe('whether a request surely was not sent', () => {
  const withSyscall = (code: string, syscall: string) => Object.assign(new Error(code), { code, syscall })

  it.each([
    ['the connection was refused', withSyscall('ECONNREFUSED', 'connect')],
    ['the host could not be reached', withSyscall('EHOSTUNREACH', 'connect')],
    ['the name was not found', withSyscall('ENOTFOUND', 'getaddrinfo')],
    ['no name server answered', withSyscall('EAI_AGAIN', 'getaddrinfo')],
    ['the connection was not made in time', new errors.ConnectTimeoutError()],
    [
      'no address of the name could be reached',
      new AggregateError([withSyscall('ECONNREFUSED', 'connect'), withSyscall('ENETUNREACH', 'connect')]),
    ],
  ])('is certain when %s', (_, error) => {
    expect(wasNotSent(error)).toBe(true)
  })

  it.each([
    ['the connection was reset', withSyscall('ECONNRESET', 'read')],
    ['writing failed', withSyscall('EPIPE', 'write')],
    ['a route broke later', withSyscall('EHOSTUNREACH', 'read')],
    ['the other side closed', new errors.SocketError('other side closed')],
    ['no headers came', new errors.HeadersTimeoutError()],
    [
      'one of several errors is of another kind',
      new AggregateError([withSyscall('ECONNREFUSED', 'connect'), withSyscall('ECONNRESET', 'read')]),
    ],
    ['nothing is known', new AggregateError([])],
    ['it is no error', 'ECONNREFUSED'],
  ])('is not when %s', (_, error) => {
    expect(wasNotSent(error)).toBe(false)
  })
})

describe('a streamed answer', () => {
  const flow = async (behave: Behaviour, silenceMs = 30_000) => sender({ apiUrl: (await server(behave)).url, silenceMs }).stream(outgoing)
  async function read(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  it('may be larger than any other answer', async () => {
    const { status, body: bytes } = await flow((response) => response.end(Buffer.alloc(maxAnswerBytes * 4, 'a')))
    expect(status).toBe(200)
    expect(await read(bytes)).toHaveLength(maxAnswerBytes * 4)
  })

  it.each<[string, Behaviour]>([
    ['ends too early', (response) => response.writeHead(200, { 'content-length': 9 }).write('a', () => response.destroy())],
    ['is silent for too long', (response) => response.write('a')],
  ])('that %s is an unknown outcome', async (_case, behave) => {
    const { body: bytes } = await flow(behave, 100)
    await unknownOutcome(read(bytes))
  })

  it('that does not begin is an unknown outcome', async () => {
    await unknownOutcome(flow(() => undefined, 100))
  })

  it('that cannot be asked for is asked for at the backup', async () => {
    const wechat = await server(answers('好'))
    const { body: bytes } = await sender({ apiUrl: await refusingUrl(), apiBackupUrl: wechat.url }).stream(outgoing)
    expect((await read(bytes)).toString()).toBe('好')
  })
})
