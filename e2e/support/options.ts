/** The protocols of WeChat's that a shop can speak. Each is a project of Playwright's. */
export const protocols = ['v2', 'v3'] as const
export type Protocol = (typeof protocols)[number]

/** What new merchants are given: what knows of no protocol runs with this one. */
export const usualProtocol: Protocol = 'v3'

/** Settings of the API by their names in the README; the rest is as in the demo. */
export type Settings = Readonly<Record<string, string>>

/** Which key WeChat signs with in v3; `share` of the notices with its public key in mode `mixed`. */
export interface Signing {
  mode: 'cert' | 'mixed' | 'pubkey'
  share?: number
}

/** What a shop is opened with. Tests with equal ones share their shops. */
export interface WorkerOptions {
  protocol: Protocol
}

export interface TestOptions {
  signing: Signing
  /** Settings of the API that differ from the demo's. Where they are not what the shop runs with, its API is started anew. */
  settings: Settings
}

export const usualSigning: Signing = { mode: 'pubkey' }
