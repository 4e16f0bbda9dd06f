import { i18n } from '../../i18n.ts'
import en from './en.json'
import zhCN from './zh-CN.json'

// Imported by the console's pages for this effect: a shopper does not download what only an operator reads.
i18n.global.mergeLocaleMessage('zh-CN', zhCN)
i18n.global.mergeLocaleMessage('en', en)
