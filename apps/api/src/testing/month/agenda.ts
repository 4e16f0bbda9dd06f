/** What is going to happen, each at its virtual time. What happens may put more on the list. */
export class Agenda {
  readonly #entries: { at: number; order: number; act: () => Promise<void> }[] = []
  #order = 0

  plan(at: number, act: () => Promise<void>): void {
    this.#entries.push({ at, order: this.#order++, act })
    this.#entries.sort((a, b) => a.at - b.at || a.order - b.order)
  }

  /** Until nothing is left. */
  async follow(advanceTo: (at: number) => Promise<void>): Promise<void> {
    for (let next = this.#entries.shift(); next; next = this.#entries.shift()) {
      await advanceTo(next.at)
      await next.act()
    }
  }
}
