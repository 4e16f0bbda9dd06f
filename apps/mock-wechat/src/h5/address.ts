import { createHash } from 'node:crypto'

export const h5Path = '/cgi-bin/mmpayweb-bin/checkmweb'

/** Ten digits in published addresses; what they mean is not documented. Here they prove that the address came from the mock. */
export const packageOf = (prepayId: string): string =>
  String(1_000_000_000 + (createHash('sha256').update(prepayId).digest().readUInt32BE(0) % 3_000_000_000))

/** `h5_url` and `mweb_url`: the page between the merchant's and WeChat. @param publicUrl - scheme and host of this mock */
export const h5Address = (publicUrl: string, prepayId: string): string =>
  `${publicUrl}${h5Path}?prepay_id=${prepayId}&package=${packageOf(prepayId)}`
