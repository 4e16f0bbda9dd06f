import type { ApiError } from '../api/ApiError.ts'
import type { MessageKey } from '../i18n.ts'

/** What went wrong for an operator, and what to do next. */
export interface ConsoleProblem {
  title: MessageKey
  next: MessageKey
  code: string
  requestId: string | null
}

export function consoleProblem({ details }: ApiError): ConsoleProblem {
  const { status, code, requestId } = details
  // The routes exist only where printed codes are switched on.
  if (code === 'not_found' || code === 'trade_type_not_enabled') {
    return { title: 'consoleProblemOff', next: 'consoleProblemOffNext', code, requestId }
  }
  if (code === 'no_answer') return { title: 'consoleProblemConnection', next: 'consoleProblemConnectionNext', code, requestId: null }
  return { title: 'consoleProblemOther', next: 'consoleProblemOtherNext', code: status === null ? code : `${status} ${code}`, requestId }
}
