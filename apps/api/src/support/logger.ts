import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import { describeError, redactLine } from './redact.ts'

export type { Logger } from 'pino'

export interface LogSettings {
  /** debug also shows every status request. */
  level?: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Standard output when left out. */
  destination?: DestinationStream
}

/** One JSON line per event. Whatever is passed in: keys, tokens, signatures and openids do not come out. */
export function createLogger({ level = 'info', destination }: LogSettings = {}): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: (error: unknown) => describeError(error) },
    hooks: { streamWrite: redactLine },
  }
  return destination ? pino(options, destination) : pino(options)
}
