import { fault, ok, warning, type Finding } from './finding.ts'
import type { Line } from './exchange.ts'

export interface Reached {
  findings: Finding[]
  /** The address to ask further; undefined when none can be reached. */
  apiUrl: string | undefined
}

/** Asks each address for something that is not there: whatever the answer, there is a connection. */
export async function checkConnections(line: Line, apiUrl: string, backupUrl: string | null): Promise<Reached> {
  const addresses = backupUrl === null || backupUrl === apiUrl ? [apiUrl] : [apiUrl, backupUrl]
  const findings: Finding[] = []
  let reached: string | undefined
  for (const address of addresses) {
    const answer = await line.ask(address, { method: 'GET', path: '/', headers: { accept: '*/*' } })
    if (answer.came) {
      findings.push(ok('connection', `${address} answers`))
      reached ??= address
      continue
    }
    const { what, advice } = explain(answer.cause)
    const detail = `no connection to ${address}: ${what}`
    findings.push(address === apiUrl ? fault('connection', detail, advice) : warning('connection', `${detail} (the backup)`, advice))
  }
  return { findings, apiUrl: reached }
}

interface Explanation {
  what: string
  advice: string
}

const nameProblem: Explanation = {
  what: 'the name is not found',
  advice: 'Look at the DNS of this machine, and at the spelling of the address.',
}
const wayOut = 'Open the way out to this address (firewall, proxy, container network).'

const explanations: Record<string, Explanation> = {
  ENOTFOUND: nameProblem,
  EAI_AGAIN: nameProblem,
  ECONNREFUSED: { what: 'the connection is refused', advice: `${wayOut} When it is the mock: is it running?` },
  ECONNRESET: { what: 'the connection is cut', advice: wayOut },
  UND_ERR_SOCKET: { what: 'the connection is cut', advice: wayOut },
  UND_ERR_CONNECT_TIMEOUT: { what: 'no connection within 3 s', advice: wayOut },
  ETIMEDOUT: { what: 'no connection in time', advice: wayOut },
  ENETUNREACH: { what: 'there is no way to it', advice: wayOut },
  EHOSTUNREACH: { what: 'there is no way to it', advice: wayOut },
}

/** Puts a failed call into words. */
export function explain(cause: unknown): Explanation {
  const error: unknown = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause
  if (!(error instanceof Error)) return { what: 'for an unknown reason', advice: wayOut }
  if (error.name === 'TimeoutError') return { what: 'no answer in time', advice: wayOut }
  const code = 'code' in error ? String(error.code) : ''
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)) {
    const what = `its TLS certificate is not accepted (${code})`
    return { what, advice: 'Something stands between here and WeChat, or the clock is far off: nothing of it may be trusted.' }
  }
  return explanations[code] ?? { what: code === '' ? error.message : `${error.message} (${code})`, advice: wayOut }
}
