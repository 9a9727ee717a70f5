import { sql, type Kysely } from 'kysely';

/** Cards of templates that are carousels, from left to right. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`ALTER TABLE templates ADD COLUMN cards jsonb NOT NULL DEFAULT '[]'`.execute(db);
}
