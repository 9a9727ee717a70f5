import { sql, type Kysely } from 'kysely';

/** What an account's customers say to opt out and in again, and what they are told. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql
    .raw(
      `
CREATE TABLE opt_out_settings (
  account_id uuid PRIMARY KEY REFERENCES accounts,
  -- Whether the words that we know (STOP and its like in many languages) count as well.
  built_in_words boolean NOT NULL DEFAULT true,
  stop_words text[] NOT NULL DEFAULT '{}',
  start_words text[] NOT NULL DEFAULT '{}',
  -- Sent once to whoever opted out, or in again; null: nothing is sent.
  stop_confirmation text,
  start_confirmation text,
  updated_at timestamptz NOT NULL DEFAULT now()
)`,
    )
    .execute(db);
}
