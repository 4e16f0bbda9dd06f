export type * from './v2.ts'
export type * from './v3.ts'
