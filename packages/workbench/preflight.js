/**
 * Loaded before every command of the root package.json. Plain JavaScript that old versions of Node can read, because its one task
 * is to say what to do when the install did not come to its end and the command runs on the machine's own Node.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @param {string} path from the root of the project */
const fromRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const manifest = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8'))
const install = `npx -y ${manifest.packageManager} install`

/** @param {string} problem */
function stop(problem) {
  console.error(`${problem}\nType this, then repeat the command:\n\n    ${install}\n`)
  process.exit(1)
}

if (Number(process.versions.node.split('.')[0]) !== 24) {
  stop(`This project runs on Node 24, which its install brings along; this is Node ${process.versions.node}.`)
}
// pnpm writes this file at the end of an install.
if (!existsSync(fromRoot('node_modules/.modules.yaml'))) stop('The install has not come to its end.')
