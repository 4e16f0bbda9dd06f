/**
 * Who may import whom: docs/architecture.md, section "Who may import whom".
 * packages/workbench/src/boundaries.test.ts writes each forbidden import into a copy of this layout and expects it to be refused here.
 */
const { join } = require('node:path')

const core = '^packages/wxpay-core/src/'
const api = '^apps/api/src/'
const test = '\\.(test|spec)\\.ts$|/src/testing/'
/** The composition root and the process entries: they construct things and pass them on, so they may know everything. */
const entries = `${api}(main|wiring)\\.ts$|${api}(cli|wiring)/`

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    // ── Between apps and packages ────────────────────────────────────────────────────────────────────────────────────
    {
      name: 'apps-meet-over-http',
      comment: 'An app never imports another app.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'apps-are-not-imported',
      comment: 'Packages and browser tests know apps by their HTTP side only.',
      severity: 'error',
      from: { path: '^(packages|e2e)/' },
      to: { path: '^apps/' },
    },
    {
      name: 'mock-runs-no-code-of-ours',
      comment:
        'The mock signs, verifies, parses and counts with code of its own, so that a shared mistake cannot hide. It borrows names of fields: wxpay-core/wire, as types.',
      severity: 'error',
      from: { path: '^apps/mock-wechat/' },
      to: { path: core, pathNot: `${core}wire/` },
    },
    {
      name: 'wire-is-types-only',
      comment: "WeChat's own names are types; nothing of them runs.",
      severity: 'error',
      from: { pathNot: `${core}wire/` },
      to: { path: `${core}wire/`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'wire-stays-inside',
      comment: "WeChat's field names stop at the protocol; the rest of the project speaks its own words.",
      severity: 'error',
      from: { pathNot: `${core}(wire|protocol|testing)/|^apps/mock-wechat/` },
      to: { path: `${core}wire/` },
    },
    {
      name: 'contract-is-for-the-edges',
      comment:
        'The HTTP contract is known to routes, presenters, pages and browser tests. Commands and storage know it as types: the answer that is saved under an idempotency key.',
      severity: 'error',
      from: {
        pathNot: `${core}(contract|testing)/|${api}(web|presenters|testing|commands|storage)/|${api}config(\\.test)?\\.ts$|${entries}|^apps/checkout/|^apps/miniprogram/src/tests/|^e2e/`,
      },
      to: { path: `${core}contract/` },
    },
    {
      name: 'contract-as-types-below-the-edges',
      comment: 'Nothing of the contract runs below the routes: parsing and presenting are done at the edge.',
      severity: 'error',
      from: { path: `${api}(commands|storage)/`, pathNot: test },
      to: { path: `${core}contract/`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'protocol-is-for-the-api',
      comment: 'Keys and signatures live on the server. The bench compares their speed.',
      severity: 'error',
      from: { pathNot: `${core}(protocol|testing)/|${api}|^packages/bench/src/benchmarks/` },
      to: { path: `${core}protocol/` },
    },
    {
      name: 'core-layers',
      comment: 'Money knows nothing, wire knows nothing, contract knows money.',
      severity: 'error',
      from: { path: `${core}(money|wire|contract)`, pathNot: test },
      to: { path: '^packages/', pathNot: `${core}$1|${core}money` },
    },
    {
      name: 'core-by-its-doors',
      comment:
        "From outside, wxpay-core is entered by its exports only, not by a path into it or past a door's index. The bench measures single steps, which no door should show.",
      severity: 'error',
      from: { pathNot: `${core}|^packages/bench/src/benchmarks/` },
      to: { path: core, pathNot: `${core}(money\\.ts|(wire|contract|protocol)/index\\.ts|contract/routes\\.ts)$` },
    },

    // ── Inside the API ───────────────────────────────────────────────────────────────────────────────────────────────
    {
      name: 'domain-is-pure',
      comment: 'Rules know money and each other: no clock, no database, no logger, no library.',
      severity: 'error',
      from: { path: `${api}domain/`, pathNot: test },
      to: { pathNot: `${api}domain/|${core}money` },
    },
    {
      name: 'commands-do-not-call-commands',
      comment: 'A command owns its transaction; what two commands share lives in domain, storage or commands/steps/. Types are no calls.',
      severity: 'error',
      from: { path: `${api}commands/([^/]+?)\\.ts$`, pathNot: test },
      to: { path: `${api}commands/[^/]+\\.ts$`, pathNot: `${api}commands/$1\\.ts$`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'steps-do-not-call-commands',
      comment: 'A step is a part of several commands, never one that starts another.',
      severity: 'error',
      from: { path: `${api}commands/steps/`, pathNot: test },
      to: { path: `${api}commands/[^/]+\\.ts$`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'commands-know-no-edge',
      comment: 'Web and jobs call commands, never the other way round.',
      severity: 'error',
      from: { path: `${api}commands/`, pathNot: test },
      to: { path: `${api}(web|presenters|jobs)/` },
    },
    {
      name: 'web-knows-no-storage',
      comment: 'A route reads the request, calls one command, presents the result.',
      severity: 'error',
      from: { path: `${api}web/`, pathNot: test },
      to: { path: `${api}(storage|jobs)/` },
    },
    {
      name: 'jobs-know-no-web',
      comment: 'A job calls commands; nobody waits for its answer.',
      severity: 'error',
      from: { path: `${api}jobs/`, pathNot: test },
      to: { path: `${api}(web|presenters)/` },
    },
    {
      name: 'storage-is-below',
      comment: 'Storage serves commands and jobs; it knows the domain and nothing above itself.',
      severity: 'error',
      from: { path: `${api}storage/`, pathNot: test },
      to: { path: `${api}(web|presenters|commands|jobs|officialAccount)/` },
    },
    {
      name: 'one-way-to-paid',
      comment:
        'A payment becomes paid by a verified notice, or by a verified answer to our question. Scans, messages and logins start or find payments.',
      severity: 'error',
      from: { path: api, pathNot: `${api}commands/(recordNotice|steps/askWechat)\\.ts$|${test}` },
      to: { path: `${api}commands/steps/recordTrade\\.ts$` },
    },
    {
      name: 'accounts-change-no-order',
      comment: 'What is said in the chat, and who somebody is, is not about money: the parts around accounts know their own tables only.',
      severity: 'error',
      from: { path: `${api}officialAccount/`, pathNot: test },
      to: {
        path: `${api}(web|presenters|commands|jobs|storage)/`,
        pathNot: `${api}storage/(account\\w+|database)\\.ts$`,
      },
    },
    {
      name: 'presenters-only-present',
      comment: 'From entity to contract: no database, no call.',
      severity: 'error',
      from: { path: `${api}presenters/`, pathNot: test },
      to: { path: `${api}(web|commands|jobs|storage)/|${core}protocol/` },
    },
    {
      name: 'nothing-imports-the-root',
      comment: 'wiring.ts with wiring/, main.ts and cli/ are at the top: they import, they are not imported.',
      severity: 'error',
      from: { path: api, pathNot: `${entries}|${test}` },
      to: { path: entries },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'Helpers of tests stay out of what runs in production.',
      severity: 'error',
      from: { path: '^(apps|packages)/[^/]+/src/', pathNot: test },
      to: { path: '^(apps|packages)/[^/]+/src/testing/' },
    },

    // ── Inside the mini program ──────────────────────────────────────────────────────────────────────────────────────
    {
      name: 'mini-program-stands-alone',
      comment: "What WeChat's tool uploads is this folder: no package, nothing of Node, no types from elsewhere.",
      severity: 'error',
      from: { path: '^apps/miniprogram/src/miniprogram/' },
      to: { pathNot: '^apps/miniprogram/src/miniprogram/' },
    },

    // ── Everywhere ───────────────────────────────────────────────────────────────────────────────────────────────────
    {
      name: 'browser-safe',
      comment: 'These folders run in a browser: nothing of Node in them.',
      severity: 'error',
      from: { path: `${core}(contract/|money|wire/)|^apps/checkout/src/`, pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-dev-dependency-at-run-time',
      comment: 'A production install leaves development dependencies out.',
      severity: 'error',
      from: { path: '^(apps|packages)/[^/]+/src/', pathNot: test },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'declared-dependency',
      comment: "Whatever is imported stands in the importing package's own package.json.",
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or three.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      comment: 'A file that imports nothing and that nothing imports is dead.',
      severity: 'error',
      // Loaded otherwise than by an import: by Node itself, by a tool, or by a browser from the mock's server.
      from: {
        orphan: true,
        pathNot:
          '\\.d\\.ts$|/main\\.ts$|\\.config\\.[jt]s$|^packages/workbench/(lint/|preflight|src/supervised)|^apps/mock-wechat/src/phone/',
      },
      to: {},
    },
    {
      name: 'unresolvable',
      comment: 'An import must lead somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Ours only: libraries keep their code in folders of these names too.
    exclude: { path: '^(apps|packages)/[^/]+/(dist|fixtures)/|^e2e/test-results/' },
    // Types count: a rule about who knows whom is about source, not about what is left after types are erased.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, 'tsconfig.base.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.vue', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
}
