import { sql, type Kysely } from 'kysely';

/** What happened to customer service windows, for outbound webhooks and the live event stream. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
-- at is the true time (when the window closes or closed), created_at when this was found out. The unique key makes each
-- kind happen once per window, whoever carries it out and however often it is repeated.
CREATE TABLE conversation_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('window_closing_soon', 'window_closed')),
  window_number integer NOT NULL,
  at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (conversation_id, kind, window_number)
);
CREATE INDEX conversation_events_account ON conversation_events (account_id, id);
`;
