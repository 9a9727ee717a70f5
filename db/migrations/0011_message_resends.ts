import { sql, type Kysely } from 'kysely';

/** Messages that were sent again, and when a message reached the phone and its reader. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
-- Outbound, by the provider's clock. What was read had been delivered, whether or not that was told.
ALTER TABLE messages
  ADD COLUMN delivered_at timestamptz,
  ADD COLUMN read_at timestamptz;

-- A resend is a message of its own. Attempts are counted on the message that was sent first (root_id), however long the
-- chain; the key lets one of two concurrent resends win. due_at: not before.
CREATE TABLE message_resends (
  message_id uuid PRIMARY KEY REFERENCES messages,
  root_id uuid NOT NULL REFERENCES messages,
  attempt smallint NOT NULL,
  due_at timestamptz NOT NULL,
  UNIQUE (root_id, attempt)
);
`;
