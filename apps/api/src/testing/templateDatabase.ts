/** Migrated once per run; every test database is a copy of it. */
export const templateDatabase = 'template_app'
