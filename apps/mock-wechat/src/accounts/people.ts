import { createHash } from 'node:crypto'

/** Somebody with a phone. The same person has another openid under every appid. */
export interface Person {
  id: string
  nickname: string
}

/** Whose phone /phone is. */
export const phoneOwner = 'payer'
export const people: readonly Person[] = [
  { id: phoneOwner, nickname: '林小满' },
  { id: 'friend', nickname: '周晚' },
  { id: 'stranger', nickname: '何川' },
]
/** Who follows an account from the start. */
export const firstFollowers: readonly string[] = [phoneOwner]

/** 28 characters that start with o. */
const identifier = (seed: string) => `o${createHash('sha256').update(seed).digest('base64url').slice(0, 27)}`

export const openidOf = (personId: string, appid: string): string => identifier(`${personId} of ${appid}`)

/** Whether the openid is one under the appid, under another appid of the same merchant, or nobody's. */
export function judgeOpenid(openid: string, appid: string, appids: readonly string[]): 'fits' | 'other-appid' | 'nobody' {
  const isOf = (candidate: string) => people.some(({ id }) => openidOf(id, candidate) === openid)
  if (isOf(appid)) return 'fits'
  return appids.some(isOf) ? 'other-appid' : 'nobody'
}

/** The accounts of one merchant are bound to one open platform: they share a unionid. */
export const unionidOf = (personId: string, mchid: string): string => identifier(`${personId} at ${mchid}`)

/** @param reference - an id of a person, or an openid under this appid; the first person when absent */
export function findPerson(appid: string, reference: string | undefined): Person | undefined {
  if (reference === undefined) return people[0]
  return people.find(({ id }) => id === reference || openidOf(id, appid) === reference)
}
