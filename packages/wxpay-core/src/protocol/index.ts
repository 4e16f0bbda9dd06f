export * from './errors.ts'
export * from './port.ts'
export { isSameKey, readMerchantCertificate, readMerchantPrivateKey, readWechatPublicKey } from './v3/keys.ts'
export { createWechatPayV2, type WechatPayV2Options } from './v2/client.ts'
