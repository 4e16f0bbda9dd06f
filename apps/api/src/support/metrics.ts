import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export type NoticeResult = 'accepted' | 'refused' | 'unknown' | 'failed' | 'shed'

/** What comes to us around the merchant's accounts at WeChat: browsers back from web authorisation, logins of the mini program, pushed messages. */
export interface AccountRequest {
  kind: 'authorisation' | 'login' | 'push'
  result: 'accepted' | 'refused' | 'failed'
  /** Why, or what became of it; "" when there is nothing to add. */
  reason: string
}

/** Everything that is counted, with plain functions, so that nobody else needs to know the library. */
export interface Metrics {
  readonly contentType: string
  /** The registry in Prometheus' text format. */
  render(): Promise<string>
  /** @param route - the pattern, never the address: "/v1/checkouts/:token". durationMs is null for a request that was held on purpose. */
  httpRequest(request: { route: string; status: number; durationMs: number | null }): void
  /** @param reason - why it was refused, or the command's outcome; "" when there is nothing to add */
  notice(notice: { protocol: string; result: NoticeResult; reason: string; durationMs: number }): void
  wechatCall(call: { protocol: string; call: string; outcome: string; durationMs: number }): void
  /** From the commit of the notice to the answer of a page that was waiting for it. */
  paidToVisible(durationMs: number): void
  anomaly(kind: string): void
  account(request: AccountRequest): void
  /** A scan of a printed code. @param reason - why it was declined or refused; "" when it was prepared */
  scan(scan: { result: 'prepared' | 'declined' | 'refused'; reason: string; durationMs: number }): void
  /** How much our clock is ahead of WeChat's. */
  clockSkew(ms: number): void
  /** Of the last check, in fen by the name of the figure. */
  ledger(figures: Readonly<Record<'clearingFen' | 'unconfirmedFen' | 'unexplainedFen' | 'unexplainedReceivableFen', number>>): void
  job(job: { name: string; outcome: string }): void
  /** A try to fetch a bill, and what became of it. */
  bill(made: { kind: string; outcome: string }): void
  /** Asked when the metrics are read. */
  watchDiscrepancies(count: () => Promise<readonly { class: string; count: number }[]>): void
  watchWaiters(count: () => number): void
}

/** Seconds. Notices aim at 50 ms and must be done in 5 s, pages at 150 ms. */
const buckets = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]

export function createMetrics({ processMetrics = true }: { processMetrics?: boolean } = {}): Metrics {
  const register = new Registry()
  const registers = [register]
  if (processMetrics) collectDefaultMetrics({ register })

  const requests = new Counter({ name: 'http_requests_total', help: 'HTTP requests answered', labelNames: ['route', 'status'], registers })
  const requestSeconds = new Histogram({
    name: 'http_request_seconds',
    help: 'Time to answer, held polls left out',
    labelNames: ['route'],
    buckets,
    registers,
  })
  const notices = new Counter({
    name: 'wechat_notices_total',
    help: 'Notices by what became of them',
    labelNames: ['protocol', 'result', 'reason'],
    registers,
  })
  const noticeSeconds = new Histogram({
    name: 'wechat_notice_seconds',
    help: 'Notice in to answer out',
    labelNames: ['protocol', 'result'],
    buckets,
    registers,
  })
  const calls = new Counter({
    name: 'wechat_calls_total',
    help: 'Calls to WeChat',
    labelNames: ['protocol', 'call', 'outcome'],
    registers,
  })
  const callSeconds = new Histogram({
    name: 'wechat_call_seconds',
    help: 'Time of calls to WeChat',
    labelNames: ['protocol', 'call'],
    buckets,
    registers,
  })
  const visibleSeconds = new Histogram({
    name: 'paid_to_visible_seconds',
    help: 'Paid in the database to answered to a waiting page',
    buckets,
    registers,
  })
  const anomalies = new Counter({ name: 'payment_anomalies_total', help: 'Payments flagged', labelNames: ['kind'], registers })
  const accountRequests = new Counter({
    name: 'wechat_account_requests_total',
    help: 'Web authorisations, logins and pushed messages by what became of them',
    labelNames: ['kind', 'result', 'reason'],
    registers,
  })
  const scans = new Histogram({
    name: 'wechat_scan_seconds',
    help: 'Scans of printed codes: in to answer out. WeChat waits 5 s',
    labelNames: ['result', 'reason'],
    buckets,
    registers,
  })
  const skew = new Gauge({ name: 'wechat_clock_skew_seconds', help: 'Our clock minus the Date of WeChat’s last answer', registers })
  const ledger = new Gauge({ name: 'ledger_fen', help: 'Figures of the last check of the ledger', labelNames: ['figure'], registers })
  const jobs = new Counter({ name: 'jobs_total', help: 'Background jobs by outcome', labelNames: ['name', 'outcome'], registers })

  const bills = new Counter({ name: 'bills_total', help: 'Bills by what became of them', labelNames: ['kind', 'outcome'], registers })

  return {
    contentType: register.contentType,
    render: () => register.metrics(),
    httpRequest({ route, status, durationMs }) {
      requests.inc({ route, status })
      if (durationMs !== null) requestSeconds.observe({ route }, durationMs / 1000)
    },
    notice({ protocol, result, reason, durationMs }) {
      notices.inc({ protocol, result, reason })
      noticeSeconds.observe({ protocol, result }, durationMs / 1000)
    },
    wechatCall({ protocol, call, outcome, durationMs }) {
      calls.inc({ protocol, call, outcome })
      callSeconds.observe({ protocol, call }, durationMs / 1000)
    },
    paidToVisible: (durationMs) => visibleSeconds.observe(durationMs / 1000),
    anomaly: (kind) => anomalies.inc({ kind }),
    account: ({ kind, result, reason }) => accountRequests.inc({ kind, result, reason }),
    scan: ({ result, reason, durationMs }) => scans.observe({ result, reason }, durationMs / 1000),
    clockSkew: (ms) => skew.set(ms / 1000),
    ledger(figures) {
      for (const [figure, fen] of Object.entries(figures)) ledger.set({ figure }, fen)
    },
    job: (job) => jobs.inc(job),
    bill: (made) => bills.inc(made),
    watchDiscrepancies(count) {
      new Gauge({
        name: 'discrepancies_open',
        help: 'Differences between our books and the bills that nobody has settled',
        labelNames: ['class'],
        registers,
        async collect() {
          // The other metrics must be readable while the database is away.
          const counted = await count().catch(() => undefined)
          if (counted === undefined) return
          this.reset()
          for (const one of counted) this.set({ class: one.class }, one.count)
        },
      })
    },
    watchWaiters(count) {
      new Gauge({
        name: 'status_waiters',
        help: 'Pages waiting for a change',
        registers,
        collect() {
          this.set(count())
        },
      })
    },
  }
}
