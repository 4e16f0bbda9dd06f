export { diagnose, type DiagnosisOptions } from './diagnose.ts'
export type { Check, Finding } from './finding.ts'
