import { z } from 'zod'

/** GET /v1/wechat/jssdk?url=…: what a page of ours gives to wx.config, beside its own jsApiList. The timestamp is Unix time in whole seconds. */
export const JsSdkView = z.object({ appId: z.string(), timestamp: z.int(), nonceStr: z.string(), signature: z.string() })
export type JsSdkView = z.infer<typeof JsSdkView>
