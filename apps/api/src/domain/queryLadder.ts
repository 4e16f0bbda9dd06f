/** Gaps in ms between the queries of a payment that somebody is watching (rule R16); the last one repeats. */
const watchedGapsMs = [5_000, 5_000, 10_000, 15_000, 20_000, 30_000] as const

/** First query of a payment that nobody watches, in ms after its code was shown; then at the doubles of it. */
const unwatchedFirstMs = 60_000

export interface QueryHistory {
  readonly shownAt: Date
  readonly lastQueriedAt: Date | null
  /** How many queries were made. */
  readonly queries: number
}

/** When WeChat should next be asked about a pending payment. */
export function nextQueryAt(history: QueryHistory, watched: boolean): Date {
  return watched ? nextWatched(history) : nextUnwatched(history)
}

function nextWatched({ shownAt, lastQueriedAt, queries }: QueryHistory): Date {
  const gap = watchedGapsMs[queries] ?? watchedGapsMs[watchedGapsMs.length - 1] ?? unwatchedFirstMs
  return new Date((lastQueriedAt ?? shownAt).getTime() + gap)
}

function nextUnwatched({ shownAt, lastQueriedAt }: QueryHistory): Date {
  const passedMs = (lastQueriedAt ?? shownAt).getTime() - shownAt.getTime()
  let offsetMs = unwatchedFirstMs
  while (offsetMs <= passedMs) offsetMs *= 2
  return new Date(shownAt.getTime() + offsetMs)
}
