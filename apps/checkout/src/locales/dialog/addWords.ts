import { i18n } from '../../i18n.ts'
import en from './en.json'
import zhCN from './zh-CN.json'

// Imported by the payment dialog for this effect: what is read only there comes with it, after the first view.
i18n.global.mergeLocaleMessage('zh-CN', zhCN)
i18n.global.mergeLocaleMessage('en', en)
