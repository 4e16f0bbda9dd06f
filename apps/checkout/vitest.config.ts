import { mergeConfig } from 'vite'
import { defineConfig } from 'vitest/config'
import viteConfig from './vite.config.ts'

export default mergeConfig(
  viteConfig,
  defineConfig({
    test: {
      name: 'checkout',
      environment: 'happy-dom',
      // A context with a document for each file, not a process: that takes half of the time.
      pool: 'vmThreads',
      include: ['src/**/*.test.ts', 'build/**/*.test.ts'],
    },
  }),
)
