import { readdirSync, readFileSync } from 'node:fs'
import type { SignType } from '../protocol/v2/sign.ts'

/** The invented merchant of fixtures/v2 (see the README there). */
export const merchant = { appId: 'wx0a1b2c3d4e5f6071', mchId: '1900006042', key: 'DocsOnlyKeyNotReal0000000000wx42' } as const

const folder = new URL('../../fixtures/v2/', import.meta.url)

export function fixture(name: string): Buffer {
  return readFileSync(new URL(name, folder))
}

/** Every message of fixtures/v2 that carries a signature of that type. */
export function signedFixtures(signType: SignType): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(`.${signType.toLowerCase()}.xml`))
}
