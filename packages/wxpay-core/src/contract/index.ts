export * from './checkouts.ts'
export * from './errors.ts'
export * from './routes.ts'
