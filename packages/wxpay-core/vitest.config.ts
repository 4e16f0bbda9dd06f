import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { name: 'wxpay-core', include: ['src/**/*.test.ts'] },
})
