import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

export type Encoding = 'br' | 'gzip' | 'identity'

export interface BuiltFile {
  /** With its dot, e.g. ".js". */
  extension: string
  etag: string
  /** As they are when compressing is of no use. Compressed when first asked for, then kept. */
  encoded(encoding: Encoding): { bytes: Buffer; encoding: Encoding }
}

/**
 * The files of a folder by the path they are asked for with, none when there is no such folder. They are held in memory: nothing on the
 * disk can come between a request and its answer, and nobody is served half of a build. Names that begin with a dot are for nobody.
 */
export function readBuiltFiles(directory: string): ReadonlyMap<string, BuiltFile> {
  if (!existsSync(directory)) return new Map()
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const names = entries.map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
  return new Map(names.filter((name) => !/(^|\/)\./.test(name)).map((name) => [`/${name}`, readBuiltFile(join(directory, name))]))
}

function readBuiltFile(path: string): BuiltFile {
  const plain = readFileSync(path)
  const extension = extname(path)
  const made = new Map<Encoding, Buffer>([['identity', plain]])
  return {
    extension,
    // Weak: the bytes that are sent depend on the encoding too.
    etag: `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    encoded(wanted) {
      const encoding = compressible.test(extension) && plain.length >= worthwhileBytes ? wanted : 'identity'
      const bytes = made.get(encoding) ?? compress(plain, encoding)
      made.set(encoding, bytes)
      return { bytes, encoding }
    },
  }
}

const compressible = /^\.(css|html|js|json|map|svg|txt|webmanifest)$/
/** Smaller ones fit into one packet as they are. */
const worthwhileBytes = 1024

/** Brotli's level 5 took 15 ms for our largest file and makes it a tenth smaller than gzip; its best level takes a second. */
function compress(plain: Buffer, encoding: Encoding): Buffer {
  if (encoding === 'gzip') return gzipSync(plain)
  return brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } })
}
