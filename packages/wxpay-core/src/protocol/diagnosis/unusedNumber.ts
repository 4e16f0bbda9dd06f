import { randomBytes } from 'node:crypto'

/** A number that no payment has or will have: a query of it changes nothing, and its answer says whether WeChat accepts our signature. */
export const unusedNumber = (): string => `DOCTOR${randomBytes(12).toString('hex')}`
