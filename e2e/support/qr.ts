import type { Locator } from '@playwright/test'
import jsqr from 'jsqr'
import { PNG } from 'pngjs'

/** Photographs an element and reads the QR code in the picture. @returns null when a phone could not read one there */
export async function readQr(element: Locator): Promise<string | null> {
  const { data, width, height } = PNG.sync.read(await element.screenshot({ animations: 'disabled' }))
  // A phone's camera is not told that a code may be inverted, and most do not try.
  return jsqr.default(new Uint8ClampedArray(data), width, height, { inversionAttempts: 'dontInvert' })?.data ?? null
}
