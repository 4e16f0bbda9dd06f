/** What is said while the server is kept running; pino's loggers fit. */
export interface EmbeddedLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
