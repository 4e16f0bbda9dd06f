import { type Stats } from 'node:fs'
import { chown } from 'node:fs/promises'
import { EmbeddedPostgresError } from './errors.ts'
import { type Identity, ourselves, run } from './run.ts'

/**
 * In a user namespace of its own root looks like uid 1000 to PostgreSQL, while files stay root's. For a clone inside
 * a home that no other user may enter, such as /root.
 */
const inUserNamespace: Identity = { prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000'] }

export class NoIdentityError extends EmbeddedPostgresError {
  override readonly name = 'NoIdentityError'

  constructor() {
    super(
      'PostgreSQL refuses to run as root, and no other user of this machine can reach both its programs and the data directory. ' +
        'Start as another user, move the project out of a private home, or set DATABASE_URL to use a PostgreSQL server of your own.',
    )
  }
}

export interface IdentityQuestion {
  /** The `postgres` program, which the user must be able to run. */
  readonly program: string
  /** A directory that the user must be able to enter. */
  readonly directory: string
  /** The existing data directory: its owner is the one who may run it. */
  readonly existing?: Stats | undefined
}

/** @throws {NoIdentityError} when we are root and nobody can be found to run PostgreSQL as */
export async function chooseIdentity(question: IdentityQuestion): Promise<Identity> {
  if (process.getuid?.() !== 0) return ourselves
  for (const candidate of await candidates(question.existing)) {
    if (await canReach(candidate, question)) return candidate
  }
  throw new NoIdentityError()
}

async function candidates(existing: Stats | undefined): Promise<Identity[]> {
  if (existing?.uid === 0) return [inUserNamespace]
  if (existing) return [{ prefix: [], user: { uid: existing.uid, gid: existing.gid } }]
  const users = await Promise.all([lookUp('postgres'), lookUp('nobody')])
  return [...users.filter((user) => user !== undefined), inUserNamespace]
}

async function lookUp(name: string): Promise<Identity | undefined> {
  const [uid, gid] = await Promise.all([run(ourselves, 'id', ['-u', name]), run(ourselves, 'id', ['-g', name])])
  if (uid.code !== 0 || gid.code !== 0) return undefined
  return { prefix: [], user: { uid: Number(uid.output), gid: Number(gid.output) } }
}

/** Tried rather than read from permission bits: access lists, mount options and missing libraries count, too. */
async function canReach(identity: Identity, { program, directory }: IdentityQuestion): Promise<boolean> {
  try {
    const tried = await run(identity, '/bin/sh', ['-c', 'cd -- "$1" && exec "$2" --version', 'sh', directory, program])
    return tried.code === 0
  } catch {
    return false
  }
}

/** Gives files that we made as root to the one who will use them. */
export async function handOver(paths: readonly string[], { user }: Identity): Promise<void> {
  if (user) await Promise.all(paths.map((path) => chown(path, user.uid, user.gid)))
}
