/** The other end of servers/bareProcess.ts: does one task after the other, and ends when its parent lets go of it. */
export function answerParent(tasks: Readonly<Record<string, (input: never) => unknown>>): void {
  let last = Promise.resolve()
  process.on('message', (message: { task: string; input: never }) => {
    last = last.then(async () => {
      try {
        const task = tasks[message.task]
        if (!task) throw new Error(`no task ${message.task}`)
        process.send?.({ output: await task(message.input) })
      } catch (error) {
        process.send?.({ error: error instanceof Error ? error.message : String(error) })
      }
    })
  })
  process.once('disconnect', () => process.exit(0))
}

/** Works through a list, so many at once. */
export async function inParallel<Item>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
