export type * from './v2.ts'
