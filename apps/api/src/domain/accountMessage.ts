/** What happened in the chat, as WeChat tells it. */
export interface AccountMessage {
  /** 'text', 'image' … of what somebody wrote; the event's own name of what somebody did: 'subscribe', 'SCAN'. */
  readonly type: string
  /** Who: an openid of the official account. */
  readonly openId: string
  /** The account's original id, "gh_…". */
  readonly accountId: string
  readonly sentAt: Date
  /** The scene of a code, the key of a menu button, the address of a menu link; null when there is none. */
  readonly eventKey: string | null
  /** What somebody wrote; null when it was something else. */
  readonly content: string | null
  /** All that WeChat sent, under its own names. */
  readonly fields: ReadonlyMap<string, string>
  /** The same for each delivery of one message, and for no other. */
  readonly key: string
  readonly raw: string
}
