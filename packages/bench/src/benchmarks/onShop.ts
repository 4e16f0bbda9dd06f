import type { Benchmark, Opened } from '../benchmark.ts'
import { startShop, type Shop } from '../servers/shop.ts'
import { Closers } from './closers.ts'

/** A benchmark of the whole product, as processes of its own. */
export interface ShopBenchmark extends Omit<Benchmark, 'open'> {
  /** Of the calls to WeChat. */
  protocol: 'v2' | 'v3'
  openOn(shop: Shop, closers: Closers): Promise<Omit<Opened, 'close'>>
}

/** Starts a shop for one benchmark alone, so that none leaves its work to the next. */
export function onShop({ protocol, openOn, ...rest }: ShopBenchmark): Benchmark {
  return {
    ...rest,
    open: (cores) =>
      Closers.use(async (closers) => {
        const shop = closers.add(await startShop({ cores, protocol }))
        return { ...(await openOn(shop, closers)), close: () => closers.close() }
      }),
  }
}
