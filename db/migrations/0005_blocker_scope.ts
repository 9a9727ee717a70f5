import { sql, type Kysely } from 'kysely';

/** What somebody on a sender's list is left out of: everything, or marketing alone. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
-- Whoever tells WhatsApp itself to stop a business, tells it to stop its marketing. The default is the stronger one.
ALTER TABLE blockers ADD COLUMN scope text NOT NULL DEFAULT 'all' CHECK (scope IN ('all', 'marketing'));
UPDATE blockers SET scope = 'marketing' WHERE source IN ('user_preferences', 'provider_131050');
`;
