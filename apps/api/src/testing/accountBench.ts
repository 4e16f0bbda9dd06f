import { onTestFinished } from 'vitest'
import type { AccountContext } from '../commands/accountContext.ts'
import type { AccountApi } from '../officialAccount/accountApi.ts'
import { openDatabase } from '../storage/database.ts'
import { createTestDatabase } from './testDatabase.ts'
import { query } from './query.ts'
import { TestClock } from './testShop.ts'

export const officialAccount = { appId: 'wxd678efh567hg6787', secret: '0123456789abcdef0123456789abcdef' }
export const miniProgram = { appId: 'wx0a1b2c3d4e5f6071', secret: 'fedcba9876543210fedcba9876543210' }
export const publicUrl = 'https://shop.example'

const notAsked = () => Promise.reject(new Error('WeChat was not to be asked'))

/** WeChat as a test directs it: what is not given must not be called. Counts. */
export function fakeAccountApi(given: Partial<AccountApi>) {
  const calls = { exchangeCode: 0, openLogin: 0, stableToken: 0, jsapiTicket: 0 }
  const api: AccountApi = {
    exchangeCode: (...input) => (calls.exchangeCode++, given.exchangeCode ?? notAsked)(...input),
    openLogin: (...input) => (calls.openLogin++, given.openLogin ?? notAsked)(...input),
    stableToken: (...input) => (calls.stableToken++, given.stableToken ?? notAsked)(...input),
    jsapiTicket: (...input) => (calls.jsapiTicket++, given.jsapiTicket ?? notAsked)(...input),
  }
  return { api, calls }
}

/** The commands' surroundings over a real PostgreSQL, with time that the test moves. Ends with its test. */
export async function openAccountBench(given: Partial<AccountApi> = {}) {
  const { config, drop } = await createTestDatabase()
  const db = openDatabase({ config, max: 20, name: 'test', onConnectionLost: () => undefined })
  onTestFinished(async () => {
    await db.destroy()
    await drop()
  })
  const clock = new TestClock()
  const { api, calls } = fakeAccountApi(given)
  const context: AccountContext = {
    db,
    clock,
    publicUrl,
    api,
    config: {
      apiUrl: 'http://127.0.0.1:1',
      openUrl: 'https://open.weixin.qq.com',
      officialAccount,
      miniProgram,
      messages: null,
      domainProofs: [],
    },
  }
  return {
    context,
    db,
    clock,
    calls,
    sql: (text: string) => query(config, text),
    /** Everything that a table holds, as one text. */
    textOf: async (table: string) => JSON.stringify(await query(config, `SELECT * FROM ${table}`)),
    rowsOf: async (table: string) => (await query(config, `SELECT * FROM ${table}`)).length,
  }
}
