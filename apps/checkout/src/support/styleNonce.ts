/**
 * Gives every style element that a script creates the nonce of this page, so that ant-design-vue's run-time styles
 * pass a content security policy without 'unsafe-inline'. (Its own `csp` setting does not reach its components in 4.2.6.)
 * Imported first, before anything can create a style element.
 */
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''

if (nonce !== '') {
  // oxlint-disable-next-line typescript/no-deprecated -- one overload of it is, for <xmp>; the method is not
  document.createElement = new Proxy(document.createElement.bind(document), {
    apply(createElement, _self, args) {
      const element: unknown = Reflect.apply(createElement, document, args)
      if (element instanceof HTMLStyleElement) element.nonce = nonce
      return element
    },
  })
}
