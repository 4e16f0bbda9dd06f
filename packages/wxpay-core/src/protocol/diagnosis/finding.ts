/** What is looked at. The names are for people, and stable for programs. */
export type Check =
  | 'appid'
  | 'mchid'
  | 'v2 key'
  | 'v3 key'
  | 'private key'
  | 'certificate'
  | 'serial'
  | 'public key'
  | 'refunds'
  | 'notify address'
  | 'connection'
  | 'clock'
  | 'v2 signature'
  | 'v3 signature'
  | 'v3 answers'
  | 'platform certificates'

/** `warning`: works now, or could not be seen; `fault`: payments fail, or their notices do. */
export type State = 'ok' | 'warning' | 'fault'

/** One check and how it went. Neither text holds a secret; both may have several lines. */
export interface Finding {
  check: Check
  state: State
  /** What was seen. */
  detail: string
  /** What to do, one sentence. */
  advice?: string
}

export const ok = (check: Check, detail: string): Finding => ({ check, state: 'ok', detail })
export const warning = (check: Check, detail: string, advice: string): Finding => ({ check, state: 'warning', detail, advice })
export const fault = (check: Check, detail: string, advice: string): Finding => ({ check, state: 'fault', detail, advice })
