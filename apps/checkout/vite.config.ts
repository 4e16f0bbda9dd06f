import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { compiledMessages } from './build/compiledMessages.ts'
import { leanAntDesign } from './build/leanAntDesign.ts'

const apiPort = process.env['PORT'] ?? '3000'

export default defineConfig({
  plugins: [vue(), compiledMessages(), leanAntDesign()],
  resolve: { alias: [{ find: /^vue-i18n$/, replacement: 'vue-i18n/dist/vue-i18n.runtime.mjs' }] },
  define: {
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: true,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  // The server puts a fresh nonce in the place of this word in every answer.
  html: { cspNonce: '__NONCE__' },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    // A data: URL of an asset would have to be allowed by the content security policy.
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/v1': `http://127.0.0.1:${apiPort}`, '/wechat': `http://127.0.0.1:${apiPort}` } },
})
