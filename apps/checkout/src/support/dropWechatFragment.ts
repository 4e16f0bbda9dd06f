/**
 * WeChat's address of authorisation ends in a fragment of its own, which browsers carry along through every redirect behind it. It says
 * nothing, and does not belong into an address that the payer copies. To be called before a router reads the address.
 */
export function dropWechatFragment(): void {
  const { hash, pathname, search } = window.location
  if (hash === '#wechat_redirect') window.history.replaceState(window.history.state, '', pathname + search)
}
