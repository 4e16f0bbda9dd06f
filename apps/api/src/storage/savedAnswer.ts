import type { CheckoutView } from 'wxpay-core/contract'

/** Made by the route from the request: equal keys with equal fingerprints are the same request. */
export interface IdempotentRequest {
  /** What the key is unique within, e.g. "POST /v1/checkouts". */
  scope: string
  key: string
  /** SHA-256 (hex) of the parsed parameters. */
  fingerprint: string
}

/** What is saved under the key and replayed; the route makes the HTTP answer of it. */
export interface SavedAnswer {
  status: 201 | 202 | 409
  /** Set with 409. */
  errorCode: 'order_not_payable' | null
  view: CheckoutView
}

/** As it lies in the database. */
export interface StoredAnswer extends SavedAnswer {
  /** RFC 3339. */
  savedAt: string
}
