import { readFileSync } from 'node:fs'

/** One line per bad setting: its name and what it should look like, never its value. */
export interface SettingProblem {
  name: string
  message: string
}

/** The process must not start with these settings. */
export class BadSettingsError extends Error {
  override readonly name = 'BadSettingsError'
  readonly problems: readonly SettingProblem[]

  constructor(problems: readonly SettingProblem[]) {
    super(`bad settings:\n${problems.map(({ name, message }) => `  ${name} ${message}`).join('\n')}`)
    this.problems = problems
  }
}

export interface SettingRule<T> {
  /** Returns undefined when the text will not do; or throws a RangeError whose message says more exactly than `must` what it has to be. */
  parse: (text: string) => T | undefined
  /** Completes the sentence "NAME …", e.g. "must be a port from 0 to 65535". */
  must: string
}

/**
 * Reads settings one by one and collects what is wrong with them, so that all are named at once.
 * An empty text counts as not set. A value that is wrong or missing reads as its fallback; nothing of it is used, because the start stops.
 */
export class SettingsReader {
  readonly problems: SettingProblem[] = []
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #asked = new Set<string>()

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env
  }

  optional<T, F>(name: string, rule: SettingRule<T>, fallback: F): T | F {
    return this.#parse(name, this.#text(name), rule, fallback)
  }

  required<T>(name: string, rule: SettingRule<T>, placeholder: T): T {
    const text = this.#text(name)
    if (text === undefined) this.problem(name, `is missing: it ${rule.must}`)
    return this.#parse(name, text, rule, placeholder)
  }

  /** A required setting that may also be given as the name of a file that holds it (NAME_FILE). */
  requiredSecret(name: string, rule: SettingRule<string>): string {
    const before = this.problems.length
    const text = this.#secretText(name)
    if (text === undefined && this.problems.length === before) this.problem(name, `is missing (or ${name}_FILE): it ${rule.must}`)
    return this.#parse(name, text, rule, '')
  }

  /** As requiredSecret, but it may be missing. */
  optionalSecret(name: string, rule: SettingRule<string>): string | null {
    return this.#parse(name, this.#secretText(name), rule, null)
  }

  /** As optionalSecret, of bytes: base64 as text, or as they are in the file. The rule reads the base64. */
  optionalSecretBytes(name: string, rule: SettingRule<string>): string | null {
    return this.#parse(name, this.#secretText(name, 'base64'), rule, null)
  }

  /** True when it, or the name of its file, has a value, good or bad. */
  isSet(name: string): boolean {
    return Boolean(this.#env[name]) || Boolean(this.#env[`${name}_FILE`])
  }

  /** Names every variable with this prefix that nothing has asked for. */
  refuseUnknown(prefix: string): void {
    for (const [name, text] of Object.entries(this.#env)) {
      if (text && name.startsWith(prefix) && !this.#asked.has(name)) this.problem(name, 'is not a setting of this version: is it misspelt?')
    }
  }

  problem(name: string, message: string): void {
    this.problems.push({ name, message })
  }

  throwProblems(): void {
    if (this.problems.length > 0) throw new BadSettingsError(this.problems)
  }

  #parse<T, F>(name: string, text: string | undefined, rule: SettingRule<T>, fallback: F): T | F {
    if (text === undefined) return fallback
    try {
      const value = rule.parse(text)
      if (value !== undefined) return value
      this.problem(name, rule.must)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.problem(name, error.message)
    }
    return fallback
  }

  #text(name: string): string | undefined {
    this.#asked.add(name)
    return this.#env[name] || undefined
  }

  #secretText(name: string, encoding: 'utf8' | 'base64' = 'utf8'): string | undefined {
    const [direct, file] = [this.#text(name), this.#text(`${name}_FILE`)]
    if (direct !== undefined && file !== undefined) {
      this.problem(name, `and ${name}_FILE are both set: keep one of them`)
      return undefined
    }
    return file === undefined ? direct : this.#readSecretFile(`${name}_FILE`, file, encoding)
  }

  /** Editors end a file with a line break; no secret of ours needs one there. */
  #readSecretFile(name: string, path: string, encoding: 'utf8' | 'base64'): string | undefined {
    try {
      return readFileSync(path, encoding).replace(/\r?\n$/, '')
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
      this.problem(name, `must name a file that this process can read (${code})`)
      return undefined
    }
  }
}
