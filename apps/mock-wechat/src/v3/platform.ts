import { z } from 'zod'

const PlatformCertificate = z.object({
  /** 40 hexadecimal digits in capitals. */
  serial: z.string(),
  certificate: z.string(),
  /** WeChat's own: the control side never shows it. */
  privateKey: z.string(),
  effectiveAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})
export type PlatformCertificate = z.infer<typeof PlatformCertificate>

/** WeChat's side of a merchant: the keys that it signs answers and notices with. All keys and certificates are PEM. */
export const Platform = z.object({
  publicKeyId: z.string(),
  publicKey: z.string(),
  privateKey: z.string(),
  /** The newest is the last; two while one takes the other's place. */
  certificates: z.array(PlatformCertificate).min(1),
})
export type Platform = z.infer<typeof Platform>

export function newestCertificate({ certificates }: Platform): PlatformCertificate {
  const newest = certificates.at(-1)
  if (!newest) throw new Error('a platform without a certificate')
  return newest
}
