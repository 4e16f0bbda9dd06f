// eslint-disable-next-line no-restricted-properties -- not a setting of ours: Node's folder for compiled modules, when the whole run has one
const folder = process.env['NODE_COMPILE_CACHE']

/** For processes that tests start with an environment of their own: they load by the dozen what others have compiled. */
export const compileCache: Readonly<Record<string, string>> = folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
