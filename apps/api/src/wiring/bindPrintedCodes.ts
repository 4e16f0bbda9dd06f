import type { OpenCheckoutContext } from '../commands/openCheckout.ts'
import { codeSigner, createProductCommands, type ProductCommands } from '../commands/products.ts'
import { startScan } from '../commands/startScan.ts'
import type { Config } from '../config.ts'
import type { ScanRouteDeps } from '../web/routes/scan.ts'

/** Native mode 1: without the key of v2 nothing of it can be made or answered. */
export function bindPrintedCodes(
  config: Config,
  opening: OpenCheckoutContext,
): { products: ProductCommands; scans: ScanRouteDeps['scans'] } {
  const { store, wechat } = opening.payments
  const { appId, mchId, v2 } = config.wechat
  const way = wechat.all.find(({ scan }) => scan !== undefined)
  const gate = way?.scan
  const codes = gate && v2 && config.scan ? { gate, signer: codeSigner({ appId, mchId, key: v2.key }) } : null
  const products = createProductCommands({ db: store.db, clock: store.clock, codes })
  if (!way || !gate) return { products, scans: null }
  const context = { ...opening, protocol: way.protocol, isOpen: config.scan }
  return { products, scans: { gate, start: (scan, withinMs) => startScan(context, scan, withinMs) } }
}
