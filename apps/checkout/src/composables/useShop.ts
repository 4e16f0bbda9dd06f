import { shallowReadonly, shallowRef } from 'vue'
import type { ShopView } from 'wxpay-core/contract'
import { loadApi } from '../api/loadApi.ts'
import { useShopLocale } from '../i18n.ts'
import { sendUntilAnswered } from '../support/sendUntilAnswered.ts'
import { wakeableSleep } from '../support/wakeableSleep.ts'

const shop = shallowRef<ShopView | null>(null)
let asked = false
let answered: Promise<void> = Promise.resolve()

/** The shop's name, limits and contact: asked for once per page load; null until they are here. `shopAnswered` is over when they are, or when asking was given up. */
export function useShop() {
  if (!asked) {
    asked = true
    answered = askForShop()
  }
  return { shop: shallowReadonly(shop), shopAnswered: () => answered }
}

async function askForShop(): Promise<void> {
  try {
    const answer = await sendUntilAnswered({
      send: async () => (await loadApi()).fetchShop(),
      onTrouble: () => undefined,
      sleep: wakeableSleep().sleep,
      isWanted: () => true,
    })
    shop.value = answer
    useShopLocale(answer.locale)
  } catch {
    asked = false // the next page that needs it asks again
  }
}
