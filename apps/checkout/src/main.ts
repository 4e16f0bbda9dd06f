import './support/styleNonce.ts'
import './styles/base.css'
import { createApp } from 'vue'
import App from './App.vue'
import { startLocale } from './i18n.ts'
import { createPageRouter } from './router.ts'
import { dropWechatFragment } from './support/dropWechatFragment.ts'

startLocale()
dropWechatFragment()
const router = createPageRouter()
const app = createApp(App).use(router)
// Mounted once the address is read: the page must not take /pay/:token for "/" first.
void router.isReady().then(() => app.mount('#app'))
