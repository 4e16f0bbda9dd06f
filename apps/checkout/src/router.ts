import { createRouter, createWebHistory, type Router, type RouterHistory } from 'vue-router'
import CheckoutPage from './pages/shopper/CheckoutPage.vue'

/** `/` and `/pay/:token` are one page: when an order is made the address changes and nothing is mounted anew. */
export function createPageRouter(history: RouterHistory = createWebHistory()): Router {
  return createRouter({
    history,
    routes: [
      { path: '/', name: 'amount', component: CheckoutPage },
      { path: '/pay/:token', name: 'pay', component: CheckoutPage },
      { path: '/receipt/:token', name: 'receipt', component: () => import('./pages/shopper/ReceiptPage.vue') },
      { path: '/console/codes', name: 'codes', component: () => import('./pages/console/CodesPage.vue') },
      { path: '/:anything(.*)*', name: 'not-found', component: () => import('./pages/shopper/NotFoundPage.vue') },
    ],
  })
}
