import { formatBeijing } from './beijing.ts'

/** 2026-01-01T08:00:00+08:00: Beijing time with its offset, as protocol v3 writes it. */
export function formatRfc3339(atMs: number): string {
  return formatBeijing(atMs).replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6+08:00')
}
