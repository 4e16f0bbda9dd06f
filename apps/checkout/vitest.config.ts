import { mergeConfig } from 'vite'
import { defineConfig } from 'vitest/config'
import viteConfig from './vite.config.ts'

export default mergeConfig(
  viteConfig,
  defineConfig({ test: { name: 'checkout', environment: 'happy-dom', include: ['src/**/*.test.ts', 'build/**/*.test.ts'] } }),
)
