import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'api',
    include: ['src/**/*.test.ts'],
    globalSetup: ['src/testing/postgres.globalSetup.ts'],
    pool: 'forks',
    // A process for each file would load the API anew a hundred times. No test replaces a module, so that files can share one.
    isolate: false,
    // Far above what a test needs on an idle machine: they tell a hang from a busy machine, nothing finer.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
