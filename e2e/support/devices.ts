/** Where payers stand, as options of a browser. */

const handset = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

export const desktop = {
  viewport: { width: 1280, height: 720 },
  hasTouch: false,
  isMobile: false,
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
}

/** A phone's browser, outside of WeChat. */
export const phoneBrowser = {
  ...handset,
  userAgent: 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36',
}

/** WeChat's own browser on a phone. */
export const insideWechat = {
  ...handset,
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x18003239) NetType/WIFI Language/zh_CN',
}
