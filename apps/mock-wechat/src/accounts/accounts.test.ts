import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing/bench.ts'
import { openAccounts } from './accounts.ts'
import { openAccountBench } from '../testing/accountBench.ts'

const merchants = [{ mchid: '1900000001', appids: ['wxa', 'wxb'] }]

describe('the accounts of a merchant', () => {
  it('are an official account and a mini program, with secrets of WeChat’s shapes', () => {
    const [owner] = openAccounts(temporaryFolder(), merchants).all()
    expect(owner?.accounts.map(({ kind, appid }) => [kind, appid])).toEqual([
      ['official-account', 'wxa'],
      ['mini-program', 'wxb'],
    ])
    for (const account of owner?.accounts ?? []) {
      expect(account).toMatchObject({
        secret: expect.stringMatching(/^[0-9a-f]{32}$/),
        token: expect.stringMatching(/^[A-Za-z0-9]{3,32}$/),
        aesKey: expect.stringMatching(/^[A-Za-z0-9]{43}$/),
        originalId: expect.stringMatching(/^gh_[0-9a-f]{12}$/),
      })
    }
  })

  it('keep their secrets and settings over a restart, in a file for its owner only', () => {
    const dir = temporaryFolder()
    const first = openAccounts(dir, merchants)
    first.change('wxa', { mode: 'plain', token: undefined })
    first.changeOwner('1900000001', { scanUrl: 'http://127.0.0.1:3000/notices/v2/scan' })
    expect(openAccounts(dir, merchants).all()).toEqual(first.all())
    expect(first.find('wxa')).toMatchObject({ account: { mode: 'plain', token: expect.any(String) } })
    expect(statSync(join(dir, 'accounts.json')).mode & 0o777).toBe(0o600)
  })

  it('are made up anew for a merchant with other appids', () => {
    const dir = temporaryFolder()
    openAccounts(dir, merchants)
    const [owner] = openAccounts(dir, [{ mchid: '1900000001', appids: ['wxc'] }]).all()
    expect(owner?.accounts.map(({ appid }) => appid)).toEqual(['wxc'])
    expect(readFileSync(join(dir, 'accounts.json'), 'utf8')).not.toContain('wxa')
  })
})

describe('POST /_control/accounts', () => {
  it('sets what the console sets, of the official account when only mchid is given', async () => {
    const { control, owner, official } = await openAccountBench()
    const set = { mode: 'compatible', format: 'json', token: 'abc', scanUrl: 'http://127.0.0.1:3000/scan', h5Domains: ['shop.example.com'] }
    const { status, json } = await control('accounts', { mchid: owner.mchid, ...set })
    expect({ status, json }).toMatchObject({
      status: 200,
      json: {
        mchid: owner.mchid,
        scanUrl: set.scanUrl,
        h5Domains: set.h5Domains,
        account: { appid: official.appid, secret: official.secret, mode: 'compatible', format: 'json', token: 'abc' },
      },
    })
  })

  it.each([
    [{}, 'appid'],
    [{ appid: 'a', mchid: 'b' }, 'appid'],
    [{ appid: 'a', token: 'no' }, 'token'],
    [{ appid: 'a', aesKey: 'short' }, 'aesKey'],
    [{ appid: 'a', messagesUrl: 'ftp://x/' }, 'messagesUrl'],
    [{ appid: 'a', oauthDomain: 'https://shop.example.com' }, 'oauthDomain'],
    [{ appid: 'a', mdoe: 'safe' }, 'mdoe'],
  ])('refuses %o', async (body, param) => {
    const { control } = await openAccountBench()
    expect(await control('accounts', body)).toMatchObject({ status: 400, json: { problems: [{ param }] } })
  })

  it('knows no other accounts', async () => {
    const { control } = await openAccountBench()
    expect(await control('accounts', { mchid: '1' })).toMatchObject({ status: 404, json: { code: 'unknown_account' } })
  })
})
