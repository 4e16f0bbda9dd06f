import { defineConfig } from 'vitest/config'

export default defineConfig({
  // No test here touches module state: workers are shared between files. Machines are slow at times, and no test is about time.
  test: { name: 'mock-wechat', include: ['src/**/*.test.ts'], isolate: false, testTimeout: 30_000 },
})
