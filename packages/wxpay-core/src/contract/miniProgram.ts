import { z } from 'zod'

/** POST /v1/miniprogram/login: what wx.login gave. */
export const LoginBody = z.strictObject({ code: z.string().regex(/^[\x21-\x7e]{1,512}$/, 'must be the code that wx.login gave') })
export type LoginBody = z.infer<typeof LoginBody>

/** The token goes into `Authorization: Bearer`, until it expires. */
export const LoginView = z.object({ token: z.string(), expiresInMs: z.int() })
export type LoginView = z.infer<typeof LoginView>
