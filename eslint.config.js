import { defineConfig, globalIgnores } from 'eslint/config'
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'
import { reasonedDisables } from './packages/workbench/lint/reasonedDisables.js'

/** Everything that TypeScript reads. Rules that ask for types are oxlint's in .ts files (.oxlintrc.json), which knows no .vue, and ESLint's in those. */
const sources = ['**/*.ts', '**/*.vue']
const tests = ['**/*.test.ts', '**/*.spec.ts']
/** Tools that load a file by its default export. */
const configs = ['**/*.config.{ts,js}', '**/globalSetup.ts']

const noDefaultExport = { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name for one thing, everywhere.' }

const noSleep = [
  {
    selector: "NewExpression[callee.name='Promise'] CallExpression[callee.name='setTimeout']",
    message: 'A test waits for a condition, never for a time.',
  },
  { selector: "MemberExpression[property.name='waitForTimeout']", message: 'A test waits for a condition, never for a time.' },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?timers\\u002fpromises$/]',
    message: 'A test waits for a condition, never for a time.',
  },
]

const noSkip = [
  {
    selector: 'MemberExpression[object.name=/^(it|test|describe|suite)$/][property.name=/^(only|skip|todo|skipIf|runIf|fixme|fails)$/]',
    message: 'Every test runs, always.',
  },
  {
    selector: "MemberExpression[object.object.name='test'][object.property.name='describe'][property.name=/^(only|skip|fixme)$/]",
    message: 'Every test runs, always.',
  },
  { selector: 'CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]', message: 'Every test runs, always.' },
]

/** The time, chance and the world outside come to the domain as arguments. */
const noClock = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'The domain has no clock: take the moment as an argument.',
}

const processEnv = { object: 'process', property: 'env', message: "Settings are read in one place: the app's src/config.ts." }

export default defineConfig(
  globalIgnores(['**/node_modules/', '**/dist/', '**/.data/', '**/fixtures/', '**/test-results/', '**/playwright-report/']),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
    plugins: { workbench: { rules: { 'reasoned-disables': reasonedDisables } } },
    rules: {
      'workbench/reasoned-disables': 'error',
      eqeqeq: 'error',
      'no-control-regex': 'error',
      'no-console': 'error',
      'no-debugger': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-rename': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },

  {
    files: sources,
    extends: [tseslint.configs.strict],
    rules: {
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      'no-restricted-properties': ['error', processEnv],
      'no-restricted-imports': ['error', { paths: [{ name: 'node:process', message: 'Use the global process: lint watches it.' }] }],
      'no-restricted-syntax': ['error', noDefaultExport],
    },
  },
  {
    files: ['**/*.vue'],
    extends: [tseslint.configs.strictTypeCheckedOnly, vue.configs['flat/essential']],
    languageOptions: {
      parserOptions: {
        parser: tseslint.parser,
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      // Countdown is a good name for a countdown.
      'vue/multi-word-component-names': 'off',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // What only vue-tsc can see (other components, refs of the template) is an error type here. vue-tsc checks it, and a written any is refused above.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },

  {
    files: ['apps/api/src/domain/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-globals': [
        'error',
        'fetch',
        'process',
        'console',
        'performance',
        'crypto',
        'setTimeout',
        'setInterval',
        'setImmediate',
      ],
      'no-restricted-properties': [
        'error',
        processEnv,
        { object: 'Date', property: 'now', message: noClock.message },
        { object: 'Math', property: 'random', message: 'The domain has no chance: take the number as an argument.' },
      ],
      'no-restricted-syntax': ['error', noDefaultExport, noClock],
    },
  },
  {
    // main.ts and the commands under cli/ hand the environment to config.ts, which is where it is read; a counted run takes its SEED from it.
    files: [
      'apps/*/src/config.ts',
      'apps/*/src/main.ts',
      'apps/*/src/cli/**',
      'packages/workbench/**',
      'e2e/support/**',
      '**/*.long.{test,spec}.ts',
      ...configs,
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // Commands talk to the person who typed them, and a process that cannot start has no logger yet.
    files: ['packages/workbench/**', 'apps/*/src/main.ts', 'apps/*/src/cli/**', ...configs],
    rules: { 'no-console': 'off' },
  },
  {
    files: [...configs, '**/*.d.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: tests,
    rules: {
      'no-restricted-syntax': ['error', noDefaultExport, ...noSleep, ...noSkip],
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly', module: 'writable', require: 'readonly' } },
  },
)
