import { statfs } from 'node:fs/promises'

/** PostgreSQL extends its log by segments of this many bytes (wal_segment_size); with less left it cannot go on. */
const walSegmentBytes = 16 * 1024 * 1024

/** ENOSPC, EDQUOT and EFBIG (a limit on the size of files, `ulimit -f`) in the words of the C library. */
export function saysDiskFull(text: string): boolean {
  return /No space left on device|Disk quota exceeded|File too large/.test(text)
}

/** On a full disk the server's own log cannot be written either, so its silence proves nothing: ask the file system. */
export async function isDiskFull(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize < walSegmentBytes
}
