/** A message that says "paid" and is not to be believed. */
export interface Forgery {
  /** What is wrong with it. */
  name: string
  /** Made when it leaves, because some of it must be young: only one thing may be wrong. */
  write(): Message
}

export interface Message {
  path: string
  headers: Record<string, string>
  body: string | Buffer
}

export const paths = { v2: '/notices/v2/payments', v3: '/notices/v3' } as const
