import { defineConfig } from '@playwright/test'
import { findChromium } from 'workbench/chromium'
import { protocols, type WorkerOptions } from './support/options.ts'

const long = process.env['LONG'] === '1'
// The workers, which load this file again, find the answer here.
const executablePath = (process.env['CHROMIUM_PATH'] ||= await findChromium())

const ofTheOtherKind = long ? [] : ['**/*.long.spec.ts']

export default defineConfig<object, WorkerOptions>({
  testDir: 'specs',
  testMatch: long ? '**/*.long.spec.ts' : '**/*.spec.ts',
  // Every story runs with each protocol of WeChat's; what is about the wire of one of them lies in a folder of its name.
  projects: protocols.map((protocol) => ({
    name: protocol,
    use: { protocol },
    testIgnore: [...ofTheOtherKind, ...protocols.filter((other) => other !== protocol).map((other) => `**/specs/${other}/**`)],
  })),
  outputDir: 'test-results',
  workers: 2,
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
    launchOptions: { executablePath },
    locale: 'zh-CN',
    screenshot: 'only-on-failure',
    trace: 'off',
  },
})
