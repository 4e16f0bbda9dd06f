/** Somebody's phone with WeChat on it: what outlives the program that runs there, and what the person who holds it does. */
export interface Phone {
  readonly appId: string
  readonly language: string
  readonly userAgent: string
  /** wx.setStorageSync: JSON by key. */
  readonly storage: Map<string, string>
  /** "request" domains of the mini program. */
  readonly domains: readonly string[]
  /** Everything that the program has asked for: method and path. */
  readonly requests: string[]
  /** Told of each request at the moment when it leaves. */
  onRequest: (request: string) => void
  /** How this kind of phone writes the names of headers. */
  headerName(lowerCase: string): string
  isConnected(): boolean
  onNetwork(listener: (isConnected: boolean) => void): () => void
  setConnected(isConnected: boolean): void
  /** wx.login. */
  login(): Promise<string>
  /** From now on our server does not know the login tokens that it has given until now. */
  spoilLogin(): void
  /** What the program sends, after what has happened to it on the way. */
  authorization(sent: string): string
  /** WeChat's checks, then what the person does. @returns the errMsg of wx.requestPayment */
  bringUp(invoke: Record<string, unknown>): Promise<string>
  /** Texts that WeChat has shown instead of a payment sheet. */
  readonly dialogs: string[]
  /** Resolves with the payment sheet when one is up. */
  sheet(): Promise<PaymentSheet>
}

/** What the payer does, and what the program is told of it: both can be lies. */
export type Choice = 'ok' | 'cancel' | 'fail' | 'ok-without-notice' | 'ok-although-unpaid' | 'fail-although-paid'

export interface PaymentSheet {
  prepayId: string
  amountFen: number
  choose(choice: Choice): Promise<void>
}

/** WeChat's servers, as far as a phone meets them. */
export interface WechatServers {
  login(appId: string): Promise<string>
  /** @returns the sheet, or what WeChat's client shows instead */
  check(appId: string, invoke: Record<string, unknown>): Promise<{ prepayId: string; amountFen: number } | { dialog: string }>
  confirm(prepayId: string, choice: Choice): Promise<void>
}

export interface PhoneOptions {
  appId: string
  domains: readonly string[]
  wechat: WechatServers
  language?: string
  headerName?: (lowerCase: string) => string
}

export const asSent = (name: string): string => name
/** retry-after → Retry-After */
export const capitalised = (name: string): string => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())

export function createPhone({ appId, domains, wechat, language = 'zh_CN', headerName = capitalised }: PhoneOptions): Phone {
  const listeners = new Set<(isConnected: boolean) => void>()
  const dialogs: string[] = []
  const loginsSeen = new Set<string>()
  const spoilt = new Set<string>()
  let connected = true
  let shown = Promise.withResolvers<PaymentSheet>()

  async function bringUp(invoke: Record<string, unknown>): Promise<string> {
    const checked = await wechat.check(appId, invoke)
    if ('dialog' in checked) {
      dialogs.push(checked.dialog)
      return 'requestPayment:fail cancel'
    }
    return new Promise((resolve) => {
      shown.resolve({
        ...checked,
        async choose(choice) {
          shown = Promise.withResolvers()
          await wechat.confirm(checked.prepayId, choice)
          resolve(heard(choice))
        },
      })
    })
  }

  return {
    appId,
    language,
    domains,
    dialogs,
    userAgent: 'Mozilla/5.0 (Linux; Android 14; Phone) AppleWebKit/537.36 Mobile MicroMessenger/8.0.50 MiniProgramEnv/android',
    storage: new Map(),
    requests: [],
    onRequest: () => undefined,
    headerName,
    isConnected: () => connected,
    onNetwork(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    setConnected(isConnected) {
      connected = isConnected
      for (const listener of listeners) listener(isConnected)
    },
    login: () => wechat.login(appId),
    spoilLogin() {
      for (const seen of loginsSeen) spoilt.add(seen)
    },
    authorization(sent) {
      loginsSeen.add(sent)
      return spoilt.has(sent) ? 'Bearer a-token-that-nobody-has-given' : sent
    },
    bringUp,
    sheet: () => shown.promise,
  }
}

/** What the program is told. */
function heard(choice: Choice): string {
  if (choice.startsWith('ok')) return 'requestPayment:ok'
  return choice === 'cancel' ? 'requestPayment:fail cancel' : 'requestPayment:fail system error'
}
