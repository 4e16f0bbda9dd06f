import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { findChromium } from 'workbench/chromium'
import { shortLivedPages } from './support/keptBrowsers.ts'
import { protocols, usualProtocol, type Protocol, type WorkerOptions } from './support/options.ts'

const long = process.env['LONG'] === '1'
// The workers, which load this file again, find the answer here.
const executablePath = (process.env['CHROMIUM_PATH'] ||= await findChromium())

process.env['NODE_COMPILE_CACHE'] ||= join(import.meta.dirname, 'node_modules/.cache/compiled')

const ofTheOtherKind = long ? [] : ['**/*.long.spec.ts']

function foldersOfOthers(protocol: Protocol): string[] {
  const others = protocols.filter((other) => other !== protocol).map((other) => `**/specs/${other}/**`)
  return protocol === usualProtocol ? others : [...others, '**/specs/pages/**']
}

export default defineConfig<object, WorkerOptions>({
  testDir: 'specs',
  globalSetup: './globalSetup.ts',
  testMatch: long ? '**/*.long.spec.ts' : '**/*.spec.ts',
  // Every story about money runs with each protocol of WeChat's. What is about the wire of one of them lies in a folder of its name; what
  // knows of no protocol, because it is about pages, lies in specs/pages and runs once. Files run in the order of their paths: stories of all
  // protocols whose shops have settings of their own lie together, in specs/otherSettings, so that the API is not started twice for each.
  projects: protocols.map((protocol) => ({
    name: protocol,
    use: { protocol },
    testIgnore: [...ofTheOtherKind, ...foldersOfOthers(protocol)],
  })),
  outputDir: 'test-results',
  // One more than the cores of the smallest machine: many stories wait, for a code to expire or for the next question to WeChat.
  workers: 3,
  fullyParallel: true,
  // A test that passes on the second try has found something: it is looked into, not tried again.
  retries: 0,
  forbidOnly: true,
  // Generous: processes are started and killed in these stories, and none of them is about time.
  timeout: long ? 30 * 60_000 : 60_000,
  expect: { timeout: 15_000 },
  // The JSON goes to the file that PLAYWRIGHT_JSON_OUTPUT_FILE names.
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] ? [['list'], ['json']] : 'list',
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath, args: shortLivedPages },
    locale: 'zh-CN',
    screenshot: 'only-on-failure',
    trace: 'off',
  },
})
