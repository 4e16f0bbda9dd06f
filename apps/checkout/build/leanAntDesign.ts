import type { Plugin } from 'vite'

const configProvider = /\/ant-design-vue\/es\/config-provider\/index\.js$/
const onlyToForwardSettings = new Set(['../message', '../notification'])
const stub = '\0ant-design-vue-without-toasts'

/**
 * ant-design-vue's ConfigProvider imports `message` and `notification` to forward a setting to them. Nothing here shows a toast,
 * and the two with their icons would be a tenth of what a shopper downloads. Whoever imports them by name still gets the real ones.
 */
export function leanAntDesign(): Plugin {
  return {
    name: 'lean-ant-design',
    enforce: 'pre',
    apply: 'build',
    resolveId: (source, importer) => (importer && configProvider.test(importer) && onlyToForwardSettings.has(source) ? stub : null),
    load: (id) => (id === stub ? 'export default { config() {} }' : null),
  }
}
