import { sql, type Kysely } from 'kysely';

/** What providers said of numbers. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
-- The newest answer of a provider that can tell whether a number is on WhatsApp. What messages taught of a number is not
-- copied here: it is read from them (db/number.ts), so that sending pays nothing for it.
CREATE TABLE number_checks (
  account_id uuid NOT NULL REFERENCES accounts,
  phone text NOT NULL,
  on_whatsapp boolean NOT NULL,
  type text CHECK (type IN ('individual', 'business')),
  display_name text,
  checked_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, phone)
);
`;
