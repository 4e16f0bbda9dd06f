import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { name: 'mock-wechat', include: ['src/**/*.test.ts'] } })
