import { join, resolve } from 'node:path'
import type { Binaries } from './binaries.ts'
import type { Identity } from './run.ts'

/** Where everything of the server lies, except its socket (see runDirectory.ts). */
export interface ClusterPaths {
  /** DATA_DIR. Others may keep files beside ours in it. */
  readonly parent: string
  /** Ours alone: `<DATA_DIR>/postgres`. It appears complete, by a rename, or not at all. */
  readonly root: string
  /** PostgreSQL's data directory. */
  readonly data: string
  /** The password of the superuser `app`; mode 0600. */
  readonly password: string
  /** What the server says. */
  readonly log: string
  readonly pidFile: string
}

/** An initialised data directory, and what is needed to run it. */
export interface Cluster {
  readonly paths: ClusterPaths
  readonly binaries: Binaries
  readonly identity: Identity
}

export function clusterPaths(dataDir: string): ClusterPaths {
  const parent = resolve(dataDir)
  return { parent, ...pathsBelow(join(parent, 'postgres')) }
}

/** The same names below any root: while a cluster is made, it lies in a sibling folder. */
export function pathsBelow(root: string): Omit<ClusterPaths, 'parent'> {
  const data = join(root, 'data')
  return { root, data, password: join(root, 'password'), log: join(root, 'log'), pidFile: join(data, 'postmaster.pid') }
}
