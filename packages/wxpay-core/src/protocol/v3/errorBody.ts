import { parseObject, readOptionalText } from './json.ts'

/** WeChat writes ORDER_PAID here and ORDERPAID there: codes are compared without their underscores. */
export function plainCode(code: string): string {
  return code.replaceAll('_', '')
}

/** The code and message of an error body; empty when a proxy wrote it, or nobody. */
export function readError(body: Buffer): { code: string; message: string } {
  try {
    const object = parseObject(body)
    return { code: readOptionalText(object, 'code') ?? '', message: readOptionalText(object, 'message') ?? '' }
  } catch {
    return { code: '', message: '' }
  }
}
