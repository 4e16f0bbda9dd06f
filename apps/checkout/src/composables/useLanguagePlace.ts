import { onBeforeUnmount, onMounted, shallowReadonly, shallowRef, type Ref } from 'vue'

const place = shallowRef<HTMLElement | null>(null)

/** Where the one language switch is: in the page's header, or in the open dialog, outside which nothing can be reached. */
export const languagePlace = shallowReadonly(place)

/** Takes the language switch in for as long as the component lives. */
export function hostLanguageSwitch(host: Readonly<Ref<HTMLElement | null>>): void {
  onMounted(() => {
    place.value = host.value
  })
  onBeforeUnmount(() => {
    place.value = null
  })
}
