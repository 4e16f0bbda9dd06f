/** Runs the tasks in their order, so many at a time. @returns their results, in the same order */
export async function pool<Task, Result>(width: number, tasks: Task[], work: (task: Task) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const queue = tasks.entries()
  const lane = async (): Promise<void> => {
    for (const [index, task] of queue) results[index] = await work(task)
  }
  await Promise.all(Array.from({ length: width }, lane))
  return results
}
