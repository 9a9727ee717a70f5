import { sql, type Kysely } from 'kysely';

/** What templates take from the provider's template library; their body is empty until the provider has listed them. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`ALTER TABLE templates ADD COLUMN library jsonb`.execute(db);
}
