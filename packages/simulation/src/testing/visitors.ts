import { number, record, text } from './json.ts'
import type { MockControl } from './mockControl.ts'
import type { StrictAnswer, StrictClient } from './strictClient.ts'

/** Shoppers who know of no restart: they open, pay, and look at their page until it says paid. */
export interface Visitors {
  /** Comes in, and pays unless told to stay; its page goes on polling until it is paid or everybody leaves. */
  visit(options: { pays: boolean }): Promise<void>
  /** Resolves when every page has got its last answer. */
  leave(): Promise<void>
  readonly paidTokens: string[]
  /** Pages that are waiting at this moment. */
  waiting(): number
  /** Answers that waiting pages got. */
  polls(): number
}

export function visitors(client: StrictClient, control: MockControl): Visitors {
  const pages: Promise<void>[] = []
  const paidTokens: string[] = []
  let left = false
  let waiting = 0
  let polls = 0
  let keys = 0

  async function visit({ pays }: { pays: boolean }): Promise<void> {
    const answer = await client.ask('POST', '/v1/checkouts', { key: `visitor-${++keys}`, body: { amountFen: 100 } })
    if (answer?.status !== 201) return // noted by the client; the test looks there
    const view = record(answer.body)
    const token = text(view, 'token')
    pages.push(page(token))
    if (!pays || view['action'] === null) return
    if (await control.pay({ codeUrl: text(record(view['action']), 'codeUrl') })) paidTokens.push(token)
  }

  async function page(token: string): Promise<void> {
    let version: number | undefined
    while (!left) {
      waiting += 1
      const answer = await client.ask('GET', `/v1/checkouts/${token}/status?wait=25${version === undefined ? '' : `&version=${version}`}`)
      waiting -= 1
      polls += 1
      const status = statusOf(answer)
      if (status) version = number(status, 'version')
      if (status?.['status'] === 'paid') return
    }
  }

  return {
    visit,
    paidTokens,
    waiting: () => waiting,
    polls: () => polls,
    async leave() {
      left = true
      await Promise.all(pages)
    },
  }
}

function statusOf(answer: StrictAnswer | undefined): Record<string, unknown> | undefined {
  return answer?.status === 200 ? record(answer.body) : undefined
}
