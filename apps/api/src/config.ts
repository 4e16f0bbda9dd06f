import { BlockList } from 'node:net'
import { Description } from 'wxpay-core/contract'
import { readWechat, type WechatConfig } from './config/readWechat.ts'
import { readOperatorToken, readWechatAccounts, type WechatAccountsConfig } from './config/readWechatAccounts.ts'
import { addresses, databaseUrl, isLoopbackHost, oneOf, origin, pattern, text, whole } from './support/settingRules.ts'
import { SettingsReader, type SettingRule } from './support/settingsReader.ts'

export type { WechatConfig } from './config/readWechat.ts'
export type { WechatAccountsConfig } from './config/readWechatAccounts.ts'
export { BadSettingsError } from './support/settingsReader.ts'

/** The settings of one process: read once, checked together, never changed. Times are in milliseconds. */
export interface Config {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** What WeChat and shoppers see: an origin, no slash at the end. */
  readonly publicUrl: string
  readonly dataDir: string
  /** null: the embedded server under dataDir. */
  readonly databaseUrl: string | null
  /** Whose X-Forwarded-For counts. */
  readonly trustedProxies: BlockList
  readonly wechat: WechatConfig
  readonly accounts: WechatAccountsConfig
  /** null: nobody is an operator. */
  readonly operatorToken: string | null
  /** Payments from a phone's browser outside of WeChat. */
  readonly h5: boolean
  /** Payments by printed codes (Native mode 1), which are of protocol v2. */
  readonly scan: boolean
  readonly paidBy: 'notice' | 'notice-or-query'
  readonly latePayment: 'flag' | 'accept' | 'refund'
  /** The second payment of an order goes back by itself. */
  readonly refundDuplicates: boolean
  readonly life: {
    /** The page's countdown. */
    readonly qrMs: number
    /** WeChat's time_expire, counted from the create. */
    readonly tradeMs: number
    /** How long an order stays open after its last attempt closed. */
    readonly orderMs: number
  }
  readonly limits: { readonly maxAmountFen: number; readonly createPerMinute: number; readonly openOrdersPerAddress: number }
  readonly shop: { readonly name: string; readonly contact: string | null; readonly locale: 'zh-CN' | 'en' }
}

/** WeChat refuses a time_expire that is less than a minute away; a code_url lives for two hours (unified order, "time_expire" and "code_url"). */
const tradeLifeSeconds = { min: 60, max: 7200 }
/** A scan in the countdown's last second still has this long to be paid. */
const graceSeconds = 60

/** @throws {BadSettingsError} that names every bad setting at once, and no value */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const read = new SettingsReader(env)
  const reached = readAddresses(read)
  const wechat = readWechat(read)
  const config: Config = {
    ...reached,
    dataDir: read.optional('DATA_DIR', text({ max: 1000 }), '.data'),
    databaseUrl: read.optionalSecret('DATABASE_URL', databaseUrl),
    trustedProxies: readTrustedProxies(read, reached.publicUrl),
    wechat,
    accounts: readWechatAccounts(read, wechat.appId),
    operatorToken: readOperatorToken(read),
    h5: read.optional('WXPAY_H5', onOrOff, false),
    scan: readScan(read, wechat),
    paidBy: read.optional('WXPAY_PAID_BY', oneOf('notice', 'notice-or-query'), 'notice'),
    latePayment: read.optional('WXPAY_LATE_PAYMENT', oneOf('flag', 'accept', 'refund'), 'flag'),
    refundDuplicates: read.optional('WXPAY_REFUND_DUPLICATES', trueOrFalse, true),
    life: readLife(read),
    limits: {
      // The upper ends are ours: an amount of at most seven digits of yuan, as the page takes it, and no limit that limits nothing.
      maxAmountFen: read.optional('MAX_AMOUNT_FEN', whole({ min: 1, max: 999_999_999, unit: 'fen' }), 5_000_000),
      createPerMinute: read.optional('CREATE_PER_MINUTE', whole({ min: 1, max: 1_000_000, unit: 'checkouts' }), 30),
      openOrdersPerAddress: read.optional('OPEN_ORDERS_PER_ADDRESS', whole({ min: 1, max: 1_000_000, unit: 'orders' }), 20),
    },
    shop: {
      name: read.required('SHOP_NAME', shopName, ''),
      contact: read.optional('SHOP_CONTACT', text({ max: 200 }), null),
      locale: read.optional('LOCALE', oneOf('zh-CN', 'en'), 'zh-CN'),
    },
  }
  read.refuseUnknown('WXPAY_')
  read.refuseUnknown('WECHAT_')
  read.throwProblems()
  return deepFreeze(config)
}

const onOrOff: SettingRule<boolean> = {
  must: 'must be on or off',
  parse: (value) => (value === 'on' ? true : value === 'off' ? false : undefined),
}

const trueOrFalse: SettingRule<boolean> = {
  must: 'must be true or false',
  parse: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
}

/** It is the description of an order that has none of its own, so it has to be one. */
const shopName = {
  must: 'must be 1 to 127 UTF-8 bytes without control characters, emoji, or spaces around: payers see it',
  parse: (value: string) => (Description.safeParse(value).success ? value : undefined),
}

function readAddresses(read: SettingsReader): Pick<Config, 'host' | 'port' | 'publicUrl'> {
  const host = read.optional(
    'HOST',
    pattern(/^[\w.:-]{1,255}$/, 'must be an address or name to listen on, e.g. 127.0.0.1 or 0.0.0.0'),
    '127.0.0.1',
  )
  const port = read.optional('PORT', { ...whole({ min: 0, max: 65_535, unit: 'ports' }), must: 'must be a port from 0 to 65535' }, 3000)
  const publicUrl = read.optional('PUBLIC_URL', origin, null)
  if (publicUrl === null && !read.problems.some(({ name }) => name === 'PUBLIC_URL')) {
    if (port === 0) read.problem('PUBLIC_URL', 'must be set when PORT is 0: WeChat has to be told an address')
    else if (!isLoopbackHost(host))
      read.problem('PUBLIC_URL', 'must be set when HOST is not this machine alone: WeChat has to be told an address')
  }
  return { host, port, publicUrl: publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}` }
}

/** We speak http only: an https address means a proxy in front. Unless it is known as one, all shoppers share its address and its limits. */
function readTrustedProxies(read: SettingsReader, publicUrl: string): BlockList {
  const before = read.problems.length
  const proxies = read.optional('TRUSTED_PROXIES', addresses, null)
  if (proxies === null && publicUrl.startsWith('https:') && read.problems.length === before) {
    read.problem('TRUSTED_PROXIES', 'must be set when PUBLIC_URL is https: name the proxy in front, or say none')
  }
  return proxies ?? new BlockList()
}

function readScan(read: SettingsReader, { v2 }: WechatConfig): boolean {
  const scan = read.optional('WXPAY_SCAN', onOrOff, false)
  if (scan && v2 === null) read.problem('WXPAY_V2_KEY', 'must be set when WXPAY_SCAN is on: printed codes are of protocol v2')
  return scan
}

function readLife(read: SettingsReader): Config['life'] {
  const qr = read.optional('QR_LIFE_SECONDS', whole({ min: 1, max: tradeLifeSeconds.max - graceSeconds, unit: 'seconds' }), 300)
  const trade = read.optional('TRADE_LIFE_SECONDS', whole({ ...tradeLifeSeconds, unit: 'seconds' }), 900)
  const order = read.optional('ORDER_LIFE_SECONDS', whole({ min: 1, max: 30 * 86_400, unit: 'seconds' }), 1800)
  if (trade < qr + graceSeconds) {
    read.problem('TRADE_LIFE_SECONDS', `must be at least ${graceSeconds} more than QR_LIFE_SECONDS: a code that is shown must be payable`)
  }
  return { qrMs: qr * 1000, tradeMs: trade * 1000, orderMs: order * 1000 }
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null && !(part instanceof BlockList)) deepFreeze(part)
  }
  return Object.freeze(value)
}
