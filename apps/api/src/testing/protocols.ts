import type { Protocol } from 'wxpay-core/protocol'

/** What tests speak that do not care: our own rules are the same for both. */
export const usualProtocol: Protocol = 'v2'

/** For tests in which it is changed. */
export const otherProtocol: Protocol = 'v3'
