import type { KeyObject } from 'node:crypto'
import { NoPlatformCertificatesError, type PlatformCertificates } from './platformCertificates.ts'

/** WeChat's keys by the exact text of Wechatpay-Serial: its public key, and its platform certificates that have not expired. */
export interface KeyRing {
  get(serial: string): KeyObject | undefined
  /** Downloads the certificates when the serial may be one of a certificate that is not known yet; waits no longer than `patience`. */
  lookUp(serial: string, patience: AbortSignal): Promise<KeyObject | undefined>
  /** Why the last download failed; undefined when it did not. For people who look for the reason of an unknown key. */
  lastFailure(): unknown
}

export interface KeyRingParts {
  publicKey: { id: string; key: KeyObject } | undefined
  /** Verified before it is returned. `known`: the key of a serial that is in the ring already. */
  download: (known: (serial: string) => KeyObject | undefined) => Promise<PlatformCertificates>
  /** Wall clock in ms: whether a certificate has expired. */
  now: () => number
  /** Monotonic clock in ms: when to ask again. */
  elapsedMs?: () => number
}

/** WeChat asks for a fresh list at least every 12 hours; the rest is for failures. */
const refreshAfterMs = 10 * 3_600_000
/** After a download that did not bring what was asked for: forged notices must not make us call WeChat. */
const pauseMs = 60_000
/**
 * WeChat said that this merchant has no certificates, which changes by hand, in the merchant platform. It does not sign that: a
 * merchant who has nothing else to verify by asks on as after any failure.
 */
const noneAfterMs = 3_600_000
/** With no key at all nothing can be verified, and every payment waits: a short fault of the network must not cost a minute. */
const emptyPauseMs = 5_000

/** The serial of a certificate, as WeChat writes it. Anything else, such as another PUB_KEY_ID_, can not be downloaded. */
const certificateSerial = /^[0-9A-F]{1,40}$/

/** Nothing is fetched before it is needed. One download at a time; a failed one leaves the ring as it was. */
export function createKeyRing({ publicKey, download, now, elapsedMs = () => performance.now() }: KeyRingParts): KeyRing {
  let certificates: PlatformCertificates = new Map()
  let refreshedAtMs = 0
  let pausedUntilMs = -Infinity
  let underWay: Promise<void> | undefined
  let failure: unknown

  function known(serial: string): KeyObject | undefined {
    if (serial === publicKey?.id) return publicKey.key
    const certificate = certificates.get(serial)
    return certificate && certificate.expiresAtMs > now() ? certificate.key : undefined
  }

  async function refresh(): Promise<void> {
    try {
      certificates = await download(known)
      refreshedAtMs = elapsedMs()
      failure = undefined
    } catch (cause) {
      failure = cause
    } finally {
      pausedUntilMs = elapsedMs() + pauseAfter(failure)
      underWay = undefined
    }
  }

  function pauseAfter(failed: unknown): number {
    if (failed instanceof NoPlatformCertificatesError) return publicKey ? noneAfterMs : pauseMs
    const isEmpty = !publicKey && [...certificates.values()].every(({ expiresAtMs }) => expiresAtMs <= now())
    return isEmpty ? emptyPauseMs : pauseMs
  }

  function refreshOnce(): Promise<void> {
    if (underWay) return underWay
    if (elapsedMs() < pausedUntilMs) return Promise.resolve()
    underWay = refresh()
    return underWay
  }

  return {
    get(serial) {
      const key = known(serial)
      // In the background: what is known is good until it expires.
      if (key && serial !== publicKey?.id && elapsedMs() - refreshedAtMs >= refreshAfterMs) void refreshOnce()
      return key
    },
    async lookUp(serial, patience) {
      if (!certificateSerial.test(serial)) return known(serial)
      await settledOrAborted(refreshOnce(), patience)
      const key = known(serial)
      // No forger has brought this about. WeChat may change its certificate right after our start.
      if (key) pausedUntilMs = -Infinity
      return key
    },
    lastFailure: () => failure,
  }
}

function settledOrAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end)
    void promise.then(end, end)
  })
}
