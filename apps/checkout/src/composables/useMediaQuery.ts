import { onScopeDispose, shallowReadonly, shallowRef, type Ref } from 'vue'

export function useMediaQuery(query: string): Readonly<Ref<boolean>> {
  const media = window.matchMedia(query)
  const matches = shallowRef(media.matches)
  const update = () => {
    matches.value = media.matches
  }
  media.addEventListener('change', update)
  onScopeDispose(() => media.removeEventListener('change', update))
  return shallowReadonly(matches)
}
