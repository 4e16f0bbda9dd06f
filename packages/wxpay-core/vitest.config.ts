import { defineConfig } from 'vitest/config'

export default defineConfig({
  // No test here touches module state: workers are shared between files, and what they load with them.
  test: { name: 'wxpay-core', include: ['src/**/*.test.ts'], isolate: false },
})
