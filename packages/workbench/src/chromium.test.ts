import { describe, expect, it } from 'vitest'
import { findChineseFont, findChromium, type Machine } from './chromium.ts'

interface Setup {
  env?: NodeJS.ProcessEnv
  platform?: NodeJS.Platform
  isRoot?: boolean
  debian?: boolean
  /** Files that are there and start. */
  good?: string[]
  /** Files that are there and do not start. */
  broken?: string[]
  /** What appears when a command that contains the key runs. */
  brings?: Record<string, string>
  fonts?: string
}

const own = '/cache/playwright/chrome'

function machineWith(setup: Setup) {
  const { env = {}, platform = 'linux', isRoot = false, debian = false, good = [], broken = [], brings = {}, fonts = '' } = setup
  const there = new Set([...good, ...broken])
  const ran: string[] = []
  const said: string[] = []
  let installedFonts = fonts
  const machine: Machine = {
    env,
    platform,
    isRoot,
    isDebian: () => Promise.resolve(debian),
    exists: (path) => Promise.resolve(there.has(path)),
    run: (command, args) => {
      const line = [command === process.execPath ? 'node' : command, ...args].join(' ')
      if (args[0] === '--version')
        return Promise.resolve({ code: broken.includes(command) ? 127 : 0, output: 'libnss3.so: cannot open shared object file' })
      if (command === 'fc-list') return Promise.resolve({ code: 0, output: installedFonts })
      ran.push(line)
      if (line.includes('fonts-wqy')) installedFonts = 'WenQuanYi Micro Hei'
      const brought = Object.entries(brings).filter(([part]) => line.includes(part))
      for (const [, path] of brought) there.add(path)
      return Promise.resolve({ code: brought.length ? 0 : 1, output: 'getaddrinfo ENOTFOUND' })
    },
    ownPath: () => own,
    ownInstall: ['playwright', 'install'],
    say: (line) => said.push(line),
  }
  return { machine, ran, said }
}

describe('finding Chromium', () => {
  const shell = '/usr/bin/chromium-headless-shell'
  const debian = '/usr/bin/chromium'

  it.each<[string, Setup, string]>([
    ['CHROMIUM_PATH before everything', { env: { CHROMIUM_PATH: '/opt/c' }, good: ['/opt/c', own, shell] }, '/opt/c'],
    ["Playwright's own before the system's", { good: [own, shell, debian] }, own],
    ['the headless shell before the whole browser', { good: [debian, shell] }, shell],
    ['the whole browser', { good: [debian] }, debian],
    ['the next one when one lacks a library', { broken: [own, shell], good: [debian] }, debian],
    [
      'Chrome on a Mac',
      { platform: 'darwin', good: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'] },
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
  ])('takes %s, and installs nothing', async (_, setup, expected) => {
    const { machine, ran } = machineWith(setup)
    expect(await findChromium(machine)).toBe(expected)
    expect(ran).toEqual([])
  })

  it("downloads Playwright's own when there is none, and says so", async () => {
    const { machine, said } = machineWith({ brings: { 'playwright install': own } })
    expect(await findChromium(machine)).toBe(own)
    expect(said.join()).toContain('Downloading')
  })

  it("installs Debian's package as root with CI=true, when the download has failed", async () => {
    const { machine, ran } = machineWith({
      env: { CI: 'true' },
      isRoot: true,
      debian: true,
      brings: { 'apt-get update': '', 'chromium-headless-shell': shell },
    })
    expect(await findChromium(machine)).toBe(shell)
    expect(ran).toEqual(['node playwright install', 'apt-get update', 'apt-get install -y --no-install-recommends chromium-headless-shell'])
  })

  it.each<[string, Setup]>([
    ['without CI=true', { isRoot: true, debian: true }],
    ['not as root', { env: { CI: 'true' }, debian: true }],
    ['on another system', { env: { CI: 'true' }, isRoot: true }],
  ])('changes nothing on a machine %s, and prints the commands to type', async (_, setup) => {
    const { machine, ran, said } = machineWith(setup)
    await expect(findChromium(machine)).rejects.toThrow(/apt-get install -y chromium-headless-shell fonts-wqy-microhei[^]*CHROMIUM_PATH=/)
    expect(ran).toEqual(['node playwright install'])
    expect(said.join()).toContain('getaddrinfo ENOTFOUND')
  })

  it('refuses a CHROMIUM_PATH that does not start, instead of quietly taking another', async () => {
    const { machine } = machineWith({ env: { CHROMIUM_PATH: '/opt/gone' }, good: [own] })
    await expect(findChromium(machine)).rejects.toThrow('CHROMIUM_PATH is /opt/gone')
  })
})

describe('finding a Chinese font', () => {
  it('is content with one that is there', async () => {
    const { machine, ran, said } = machineWith({ fonts: 'Noto Sans CJK SC' })
    expect([await findChineseFont(machine), ran, said]).toEqual([true, [], []])
  })

  it('installs one as root with CI=true on Debian', async () => {
    const { machine } = machineWith({ env: { CI: 'true' }, isRoot: true, debian: true, brings: { 'apt-get': '' } })
    expect(await findChineseFont(machine)).toBe(true)
  })

  it('warns with the command elsewhere', async () => {
    const { machine, ran, said } = machineWith({ isRoot: true, debian: true })
    expect([await findChineseFont(machine), ran]).toEqual([false, []])
    expect(said.join()).toContain('apt-get install -y fonts-wqy-microhei')
  })
})
