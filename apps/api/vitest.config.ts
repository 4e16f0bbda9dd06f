import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'api',
    include: ['src/**/*.test.ts'],
    globalSetup: ['src/testing/postgres.globalSetup.ts'],
    pool: 'forks',
    // Far above what a test needs on an idle machine: they tell a hang from a busy machine, nothing finer.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
