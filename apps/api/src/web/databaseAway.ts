/**
 * Codes of PostgreSQL (Appendix A) and of the network that say: not now. 53100 disk full, 53300 too many connections,
 * 57P01 shutting down by an administrator, 57P02 after a crash, 57P03 starting up or shutting down, 57014 a statement took too
 * long, 40P01 a deadlock that was broken; class 08 is the connection.
 */
const awayCodes = /^(53100|53300|57P0[123]|57014|40P01|08...|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT)$/

/** The driver throws these with no code. */
const awayMessages =
  /^(timeout exceeded when trying to connect|Connection terminated( unexpectedly| due to connection timeout)?|Client has encountered a connection error and is not queryable)$/

/** Whether the database could not be asked. Nothing is known to have been changed. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string' && awayCodes.test(error.code)) return true
  return awayMessages.test(error.message) || isDatabaseAway(error.cause)
}
