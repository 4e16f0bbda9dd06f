import { theme } from 'ant-design-vue'
import { computed } from 'vue'
import { useMediaQuery } from '../composables/useMediaQuery.ts'

/** ant-design-vue's theme, made of styles/tokens.css: one file says what everything looks like, light and dark. */
export function useAntTheme() {
  const isDark = useMediaQuery('(prefers-color-scheme: dark)')
  return computed(() => ({ algorithm: isDark.value ? theme.darkAlgorithm : theme.defaultAlgorithm, token: readTokens() }))
}

function readTokens() {
  const styles = getComputedStyle(document.documentElement)
  const read = (name: string) => styles.getPropertyValue(`--${name}`).trim()
  const pixels = (name: string) => Number.parseFloat(read(name))
  return {
    colorPrimary: read('accent'),
    colorPrimaryHover: read('accent-strong'),
    colorPrimaryActive: read('accent-strong'),
    colorTextLightSolid: read('on-accent'),
    colorText: read('text'),
    colorTextHeading: read('text'),
    colorBgElevated: read('card'),
    colorBgContainer: read('card'),
    colorBgMask: read('mask'),
    colorBorder: read('control-line'),
    colorError: read('danger-text'),
    borderRadius: pixels('radius'),
    borderRadiusLG: pixels('radius'),
    controlHeight: 44, // WCAG's comfortable target
    controlHeightLG: pixels('control-height'),
    fontFamily: read('font'),
    fontSize: 16,
    fontSizeLG: 16,
    boxShadow: read('shadow'),
  }
}
