export * from './errors.ts'
export * from './port.ts'
export { createWechatPayV2, type WechatPayV2Options } from './v2/client.ts'
