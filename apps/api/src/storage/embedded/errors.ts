/** What to do when PostgreSQL cannot be run here; every message below ends with it. */
const remedy = 'Set DATABASE_URL to use a PostgreSQL server of your own.'

/** The database cannot be run here. The message is written for the person who typed the command. */
export abstract class EmbeddedPostgresError extends Error {}

/** This platform has no PostgreSQL in the package registry, or the optional package was not installed. */
export class NoBinariesError extends EmbeddedPostgresError {
  override readonly name = 'NoBinariesError'

  constructor(platform: string, options?: ErrorOptions) {
    super(`No PostgreSQL for ${platform} is installed with this project. ${remedy}`, options)
  }
}

/** The directory holds something that is not ours, or may not be used by us. Nothing in it was changed. */
export class UnusableDirectoryError extends EmbeddedPostgresError {
  override readonly name = 'UnusableDirectoryError'
  readonly directory: string

  constructor(directory: string, reason: string, options?: ErrorOptions) {
    super(`The database directory ${directory} cannot be used: ${reason}. Choose another DATA_DIR. ${remedy}`, options)
    this.directory = directory
  }
}

/** The file system is full. No committed row is lost: the next start after space was freed has them all. */
export class DiskFullError extends EmbeddedPostgresError {
  override readonly name = 'DiskFullError'

  constructor(directory: string, options?: ErrorOptions) {
    super(
      `The disk is full: PostgreSQL in ${directory} cannot run until space is freed. Nothing that was committed is lost. ${remedy}`,
      options,
    )
  }
}

/** PostgreSQL was called and did not do it; `detail` is the end of what it said. */
export class ServerStartError extends EmbeddedPostgresError {
  override readonly name = 'ServerStartError'

  constructor(directory: string, detail: string, options?: ErrorOptions) {
    super(`PostgreSQL in ${directory} did not start: ${detail} ${remedy}`, options)
  }
}

/** The `code` of an error of Node or of PostgreSQL (SQLSTATE), when it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
