import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, toolBin } from './paths.ts'

/** What one file imports, and the rule that must refuse it. */
type Case = [rule: string, file: string, source: string]

const forbidden: Case[] = [
  ['apps-meet-over-http', 'apps/api/src/web/a.ts', "import '../../../mock-wechat/src/leaf.ts'"],
  ['apps-meet-over-http', 'apps/checkout/src/api/b.ts', "import type { leaf } from '../../../api/src/support/leaf.ts'"],
  ['apps-are-not-imported', 'packages/wxpay-core/src/protocol/c.ts', "import '../../../../apps/api/src/support/leaf.ts'"],
  ['apps-are-not-imported', 'e2e/support/d.ts', "import '../../apps/mock-wechat/src/leaf.ts'"],
  ['mock-runs-no-code-of-ours', 'apps/mock-wechat/src/e.ts', "import { toFen } from 'wxpay-core/money'"],
  ['mock-runs-no-code-of-ours', 'apps/mock-wechat/src/f.ts', "import type { WechatPay } from 'wxpay-core/protocol'"],
  ['wire-is-types-only', 'apps/mock-wechat/src/g.ts', "import { wire } from 'wxpay-core/wire'"],
  ['wire-stays-inside', 'apps/api/src/commands/h.ts', "import type { wire } from 'wxpay-core/wire'"],
  ['wire-stays-inside', 'apps/checkout/src/H.vue', '<script setup lang="ts">\nimport type { wire } from \'wxpay-core/wire\'\n</script>'],
  ['contract-is-for-the-edges', 'apps/api/src/support/i.ts', "import { contract } from 'wxpay-core/contract'"],
  ['contract-as-types-below-the-edges', 'apps/api/src/storage/i.ts', "import { contract } from 'wxpay-core/contract'"],
  ['contract-is-for-the-edges', 'apps/api/src/domain/i.ts', "import type { contract } from 'wxpay-core/contract'"],
  ['protocol-is-for-the-api', 'apps/checkout/src/j.ts', "import { protocol } from 'wxpay-core/protocol'"],
  [
    'protocol-is-for-the-api',
    'apps/checkout/src/J.vue',
    '<script setup lang="ts">\nimport { protocol } from \'wxpay-core/protocol\'\n</script>',
  ],
  ['protocol-is-for-the-api', 'e2e/specs/j.spec.ts', "import { protocol } from 'wxpay-core/protocol'"],
  ['core-layers', 'packages/wxpay-core/src/contract/k.ts', "import '../protocol/index.ts'"],
  ['core-by-its-doors', 'apps/api/src/web/k.ts', "import '../../../../packages/wxpay-core/src/protocol/inner.ts'"],
  ['domain-is-pure', 'apps/api/src/domain/l.ts', "import 'node:crypto'"],
  ['domain-is-pure', 'apps/api/src/domain/m.ts', "import '../storage/leaf.ts'"],
  ['domain-is-pure', 'apps/api/src/domain/n.ts', "import { z } from 'zod'"],
  ['commands-do-not-call-commands', 'apps/api/src/commands/o.ts', "import { leaf } from './leaf.ts'"],
  ['steps-do-not-call-commands', 'apps/api/src/commands/steps/o.ts', "import { leaf } from '../leaf.ts'"],
  ['commands-know-no-edge', 'apps/api/src/commands/p.ts', "import '../jobs/leaf.ts'"],
  ['web-knows-no-storage', 'apps/api/src/web/q.ts', "import type { leaf } from '../storage/leaf.ts'"],
  ['jobs-know-no-web', 'apps/api/src/jobs/tasks/r.ts', "import '../../web/leaf.ts'"],
  ['storage-is-below', 'apps/api/src/storage/s.ts', "import '../commands/leaf.ts'"],
  ['storage-is-below', 'apps/api/src/storage/ss.ts', "import type { leaf } from '../officialAccount/leaf.ts'"],
  ['one-way-to-paid', 'apps/api/src/commands/startScan.ts', "import { leaf } from './steps/recordTrade.ts'"],
  ['accounts-change-no-order', 'apps/api/src/officialAccount/s.ts', "import type { leaf } from '../storage/leaf.ts'"],
  ['accounts-change-no-order', 'apps/api/src/officialAccount/ss.ts', "import '../commands/leaf.ts'"],
  ['presenters-only-present', 'apps/api/src/presenters/t.ts', "import '../storage/leaf.ts'"],
  ['nothing-imports-the-root', 'apps/api/src/web/u.ts', "import '../wiring.ts'"],
  ['nothing-imports-the-root', 'apps/api/src/jobs/u.ts', "import { leaf } from '../wiring/leaf.ts'"],
  ['testing-is-for-tests', 'apps/api/src/web/v.ts', "import '../testing/leaf.ts'"],
  ['browser-safe', 'packages/wxpay-core/src/contract/w.ts', "import 'node:buffer'"],
  ['browser-safe', 'apps/checkout/src/W.vue', '<script setup lang="ts">\nimport \'node:fs\'\n</script>'],
  ['mini-program-stands-alone', 'apps/miniprogram/src/miniprogram/w.ts', "import 'node:crypto'"],
  ['no-dev-dependency-at-run-time', 'apps/api/src/support/x.ts', "import { vi } from 'vitest'"],
  ['declared-dependency', 'apps/api/src/support/y.ts', "import { ESLint } from 'eslint'"],
  ['no-cycle', 'apps/api/src/support/z.ts', "import './zz.ts'"],
  ['unresolvable', 'apps/api/src/support/nowhere.ts', "import './not-there.ts'"],
  ['no-orphan', 'apps/api/src/support/alone.ts', 'export const alone = 1'],
]

const allowed: [file: string, source: string][] = [
  ['apps/api/src/main.ts', "import './wiring.ts'\nimport './config.ts'"],
  ['apps/api/src/wiring.ts', "import './commands/leaf.ts'\nimport './storage/leaf.ts'\nimport './web/leaf.ts'\nimport './wiring/leaf.ts'"],
  ['apps/api/src/wiring/leaf.ts', "import '../commands/leaf.ts'\nimport '../jobs/leaf.ts'\nexport const leaf = 1"],
  ['apps/api/src/config.ts', "import { contract } from 'wxpay-core/contract'\nexport const config = contract"],
  ['apps/api/src/commands/leaf.ts', "import '../storage/leaf.ts'\nimport '../domain/leaf.ts'\nexport const leaf = 1"],
  [
    'apps/api/src/commands/twin.ts',
    "import type { leaf } from './leaf.ts'\nimport type { contract } from 'wxpay-core/contract'\nimport './steps/leaf.ts'",
  ],
  ['apps/api/src/commands/steps/leaf.ts', "import type { leaf } from '../leaf.ts'\nimport { protocol } from 'wxpay-core/protocol'"],
  ['apps/api/src/commands/leaf.test.ts', "import './leaf.ts'\nimport '../testing/leaf.ts'\nimport { it } from 'vitest'"],
  ['apps/api/src/domain/leaf.ts', "import { money } from 'wxpay-core/money'\nexport const leaf = money"],
  [
    'apps/api/src/web/leaf.ts',
    "import { contract } from 'wxpay-core/contract'\nimport '../commands/leaf.ts'\nimport '../presenters/leaf.ts'\nimport { z } from 'zod'",
  ],
  ['apps/api/src/commands/recordNotice.ts', "import './steps/recordTrade.ts'"],
  ['apps/api/src/commands/steps/recordTrade.ts', "import '../../domain/leaf.ts'\nexport const leaf = 1"],
  ['apps/api/src/officialAccount/leaf.ts', "import '../storage/accountCredentials.ts'\nimport '../domain/leaf.ts'\nexport const leaf = 1"],
  ['apps/api/src/storage/accountCredentials.ts', "import '../domain/leaf.ts'"],
  ['apps/api/src/presenters/leaf.ts', "import type { contract } from 'wxpay-core/contract'\nimport '../domain/leaf.ts'"],
  ['apps/api/src/jobs/leaf.ts', "import '../commands/leaf.ts'\nimport 'node:timers'"],
  ['apps/api/src/storage/leaf.ts', "import '../domain/leaf.ts'\nimport '../support/leaf.ts'\nexport const leaf = 1"],
  ['apps/api/src/support/leaf.ts', "import 'node:crypto'\nexport const leaf = 1"],
  ['apps/api/src/support/zz.ts', "import './z.ts'"],
  ['apps/api/src/testing/leaf.ts', "import { vi } from 'vitest'\nimport '../storage/leaf.ts'"],
  ['apps/mock-wechat/src/leaf.ts', "import type { wire } from 'wxpay-core/wire'\nexport const leaf = 1"],
  [
    'apps/checkout/src/App.vue',
    "<script setup lang=\"ts\">\nimport { contract } from 'wxpay-core/contract'\nimport { money } from 'wxpay-core/money'\n</script>",
  ],
  ['apps/miniprogram/src/miniprogram/leaf.ts', "import './pages/leaf'"],
  ['apps/miniprogram/src/miniprogram/pages/leaf.ts', 'export const leaf = 1'],
  ['e2e/specs/leaf.spec.ts', "import { contract } from 'wxpay-core/contract'"],
  ['packages/wxpay-core/src/money.ts', 'export const money = 1'],
  ['packages/wxpay-core/src/wire/index.ts', 'export const wire = 1'],
  ['packages/wxpay-core/src/contract/index.ts', "import '../money.ts'\nexport const contract = 1"],
  [
    'packages/wxpay-core/src/protocol/index.ts',
    "import type { wire } from '../wire/index.ts'\nimport './inner.ts'\nimport 'node:http'\nexport const protocol = 1",
  ],
  ['packages/wxpay-core/src/protocol/inner.ts', "import '../money.ts'"],
]

interface Report {
  summary: { violations: { from: string; rule: { name: string } }[] }
}

describe('the import boundaries', () => {
  let tree: string
  let refusals: Set<string>

  beforeAll(async () => {
    tree = await makeTree([...allowed, ...forbidden.map(([, file, source]): [string, string] => [file, source])])
    const { stdout } = await cruise(tree, 'json')
    const report = JSON.parse(stdout) as Report
    refusals = new Set(report.summary.violations.map(({ from, rule }) => `${rule.name} ${from}`))
  })
  afterAll(() => rm(tree, { recursive: true, force: true }))

  it.each(forbidden)('%s: refuse %s', (rule, file) => {
    expect([...refusals].filter((refusal) => refusal.endsWith(` ${file}`))).toContain(`${rule} ${file}`)
  })

  it('let what is allowed pass', () => {
    // zz.ts is the other half of the cycle; index.ts of the contract is not to blame for who imports it.
    const files = allowed.map(([file]) => file).filter((file) => !file.endsWith('zz.ts'))
    expect([...refusals].filter((refusal) => files.some((file) => refusal.endsWith(` ${file}`)))).toEqual([])
  })

  it('fail the command when one import is forbidden, and only then', async () => {
    const good = await makeTree(allowed.filter(([file]) => !file.endsWith('zz.ts')))
    try {
      expect(await cruise(good, 'err')).toMatchObject({ code: 0 })
      await writeFile(join(good, 'apps/api/src/domain/leaf.ts'), "import '../storage/leaf.ts'")
      const bad = await cruise(good, 'err')
      expect(bad.code).not.toBe(0)
      expect(bad.stdout).toContain('domain-is-pure')
    } finally {
      await rm(good, { recursive: true, force: true })
    }
  })
})

/** The same paths as here, the real package.json files, and node_modules as pnpm lays them: links to the workspace's package and to the real libraries. */
async function makeTree(files: [file: string, source: string][]): Promise<string> {
  const tree = await mkdtemp(join(tmpdir(), 'boundaries-'))
  for (const home of ['.', 'packages/wxpay-core', 'apps/api', 'apps/mock-wechat', 'apps/checkout', 'e2e']) {
    await mkdir(join(tree, home), { recursive: true })
    await cp(join(root, home, 'package.json'), join(tree, home, 'package.json'))
  }
  for (const app of ['apps/api', 'apps/mock-wechat', 'apps/checkout', 'e2e']) {
    await mkdir(join(tree, app, 'node_modules'))
    await symlink('../../' + (app === 'e2e' ? '' : '../') + 'packages/wxpay-core', join(tree, app, 'node_modules/wxpay-core'))
  }
  for (const library of ['vitest', 'zod'])
    await symlink(join(root, 'apps/api/node_modules', library), join(tree, 'apps/api/node_modules', library))
  await symlink(join(root, 'node_modules/eslint'), join(tree, 'apps/api/node_modules/eslint'))
  for (const [file, source] of files) {
    await mkdir(dirname(join(tree, file)), { recursive: true })
    await writeFile(join(tree, file), `${source}\n`)
  }
  return tree
}

function cruise(tree: string, outputType: 'json' | 'err'): Promise<{ code: number; stdout: string }> {
  const bin = toolBin('dependency-cruiser')
  const args = [bin, 'apps', 'packages', 'e2e', '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', outputType]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: tree, maxBuffer: 64 * 2 ** 20 }, (error, stdout) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout })
    })
  })
}
