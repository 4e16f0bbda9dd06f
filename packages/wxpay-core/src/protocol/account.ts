export interface AccountOptions {
  appId: string
  mchId: string
  /** Of the merchant's other apps, e.g. its mini program: what WeChat says about them is about us too. */
  otherAppIds?: readonly string[]
}

/** Who we are at WeChat. */
export interface Account {
  readonly appId: string
  readonly mchId: string
  /** A message is ours when its appid is one of ours. */
  isOurs(appId: string | undefined): boolean
}

const identifier = /^[A-Za-z0-9_]{1,32}$/

/** @throws {RangeError} naming the setting; its value is not in the message */
export function readAccount({ appId, mchId, otherAppIds = [] }: AccountOptions): Account {
  if (!identifier.test(appId)) throw new RangeError('appId must be 1 to 32 letters and digits')
  if (!identifier.test(mchId)) throw new RangeError('mchId must be 1 to 32 letters and digits')
  if (!otherAppIds.every((other) => identifier.test(other))) throw new RangeError('otherAppIds must be 1 to 32 letters and digits each')
  const ours = new Set([appId, ...otherAppIds])
  return { appId, mchId, isOurs: (named) => named !== undefined && ours.has(named) }
}
