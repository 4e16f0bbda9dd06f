import './support/styleNonce.ts'
import './styles/base.css'
import { createApp } from 'vue'
import App from './App.vue'
import { startLocale } from './i18n.ts'
import { createPageRouter } from './router.ts'

startLocale()
createApp(App).use(createPageRouter()).mount('#app')
