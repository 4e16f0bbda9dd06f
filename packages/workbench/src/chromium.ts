/** Finds a Chromium for the browser tests, and gets one where it may. */
import { access, readFile } from 'node:fs/promises'
import { chromium } from '@playwright/test'
import { toolBin } from './paths.ts'
import { run, type RunResult } from './run.ts'

/** What the search sees and may do; tests put their own in. */
export interface Machine {
  env: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  isRoot: boolean
  isDebian(): Promise<boolean>
  exists(path: string): Promise<boolean>
  run(command: string, args: string[], options: { env?: NodeJS.ProcessEnv; timeoutMs: number }): Promise<RunResult>
  /** Where Playwright's own browser would be. */
  ownPath(): string
  /** The command that downloads it. */
  ownInstall: string[]
  say(line: string): void
}

const places: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [
    '/usr/bin/chromium-headless-shell',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/snap/bin/chromium',
  ],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
}

const downloadMs = 5 * 60_000
const aptMs = 10 * 60_000
/** Small, and made for this; Debian has both. */
const debianBrowser = 'chromium-headless-shell'
const debianFont = 'fonts-wqy-microhei'

/**
 * The path of a Chromium that starts. In this order: CHROMIUM_PATH, Playwright's own, the usual places, Playwright's download, Debian's package (only
 * as root with CI=true: nobody's machine is changed without being asked).
 *
 * @throws {Error} with the commands to type when there is none
 */
export async function findChromium(options: Partial<Machine> & { signal?: AbortSignal } = {}): Promise<string> {
  const machine = { ...thisMachine(options.signal), ...options }
  const { env, say } = machine
  const given = env['CHROMIUM_PATH']
  if (given) {
    if (await starts(given, machine)) return given
    throw new Error(`CHROMIUM_PATH is ${given}, which does not start. Correct it, or unset it to have a browser looked for.`)
  }
  for (const path of [machine.ownPath(), ...(places[machine.platform] ?? [])]) if (await starts(path, machine)) return path

  say("Chromium: none found. Downloading Playwright's own …")
  const download = await machine.run(process.execPath, machine.ownInstall, { timeoutMs: downloadMs })
  if (await starts(machine.ownPath(), machine)) return machine.ownPath()
  say(`Chromium: the download ended with ${download.code}.\n${indent(download.output)}`)

  if (await mayUseApt(machine)) {
    await aptInstall(machine, [debianBrowser])
    for (const path of places.linux ?? []) if (await starts(path, machine)) return path
  }
  throw new Error(`The browser tests need Chromium, and none was found. One of these brings it:\n
    npx -y pnpm@12.21.0 --filter e2e exec playwright install --with-deps chromium
    apt-get update && apt-get install -y ${debianBrowser} ${debianFont}      (Debian, as root)
    CHROMIUM_PATH=/path/to/chromium                                          (one that is there already)\n`)
}

/** Chinese text without a Chinese font is a row of boxes: pages would be tested that nobody could read. Gets one where it may, warns elsewhere. */
export async function findChineseFont(options: Partial<Machine> & { signal?: AbortSignal } = {}): Promise<boolean> {
  const machine = { ...thisMachine(options.signal), ...options }
  if (machine.platform !== 'linux' || (await hasChineseFont(machine))) return true
  if (await mayUseApt(machine)) {
    await aptInstall(machine, [debianFont])
    if (await hasChineseFont(machine)) return true
  }
  machine.say(
    `WARNING: no Chinese font here; pictures of pages will show boxes. On Debian, as root:\n\n    apt-get update && apt-get install -y ${debianFont}\n`,
  )
  return false
}

async function hasChineseFont(machine: Machine): Promise<boolean> {
  const { code, output } = await machine.run('fc-list', [':lang=zh', 'family'], { timeoutMs: 60_000 })
  return code === 0 && output.trim() !== ''
}

/** A file that is there may still lack a library of the system: on Linux it must tell its version. */
async function starts(path: string, machine: Machine): Promise<boolean> {
  if (!path || !(await machine.exists(path))) return false
  if (machine.platform !== 'linux') return true
  const { code, output } = await machine.run(path, ['--version', '--no-sandbox'], { timeoutMs: 60_000 })
  if (code !== 0) machine.say(`Chromium: ${path} is there but does not start.\n${indent(output)}`)
  return code === 0
}

async function mayUseApt({ env, platform, isRoot, isDebian }: Machine): Promise<boolean> {
  return env['CI'] === 'true' && platform === 'linux' && isRoot && (await isDebian())
}

async function aptInstall({ run: runCommand, say, env }: Machine, packages: string[]): Promise<void> {
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: aptMs }
  say(`Installing Debian's ${packages.join(' and ')} (CI=true, root) …`)
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { code, output } = await runCommand('apt-get', args, options)
    if (code === 0) continue
    say(`apt-get ${args.join(' ')} ended with ${code}.\n${indent(output)}`)
    return
  }
}

function thisMachine(signal?: AbortSignal): Machine {
  return {
    env: process.env,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    isDebian: async () => /^ID(_LIKE)?=.*debian/m.test(await readFile('/etc/os-release', 'utf8').catch(() => '')),
    exists: (path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    run: (command, args, options) => run(command, args, { ...options, output: 'capture', signal }),
    ownPath: () => chromium.executablePath(),
    ownInstall: [toolBin('@playwright/test', { home: 'packages/workbench', bin: 'playwright' }), 'install', '--no-shell', 'chromium'],
    say: (line) => console.error(line),
  }
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .slice(-15)
    .map((line) => `    ${line}`)
    .join('\n')
}
