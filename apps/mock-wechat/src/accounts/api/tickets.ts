import type { Clock } from '../../clock.ts'
import { base62, randomText } from '../../support/random.ts'

export type TicketType = 'jsapi' | 'wx_card'
const lifeMs = 7_200_000
/** Nearer to its end than this a ticket is renewed; the new one takes the place of the old. Own choice: WeChat does not say when it renews. */
const renewMs = 300_000

export type Tickets = ReturnType<typeof createTickets>

/** Tickets for wx.config, one per appid and type. */
export function createTickets(clock: Clock) {
  const tickets = new Map<string, { value: string; expiresAt: number }>()
  const find = (appid: string, type: TicketType) => tickets.get(`${type} ${appid}`)

  return {
    take(appid: string, type: TicketType) {
      let ticket = find(appid, type)
      if (!ticket || ticket.expiresAt - clock.now() <= renewMs) {
        ticket = { value: randomText(`${base62}-_`, 86), expiresAt: clock.now() + lifeMs }
        tickets.set(`${type} ${appid}`, ticket)
      }
      return { ticket: ticket.value, expires_in: Math.floor((ticket.expiresAt - clock.now()) / 1000) }
    },
    /** The one that counts now; undefined when none was taken, or the last has ended. */
    current(appid: string, type: TicketType): string | undefined {
      const ticket = find(appid, type)
      return ticket && ticket.expiresAt > clock.now() ? ticket.value : undefined
    },
    clear: () => tickets.clear(),
  }
}
