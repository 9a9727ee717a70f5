import { sql, type Kysely } from 'kysely';

/** Direct messages: what waits for its sender's lane, and what is known of an outbound message. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
-- Outbound: status speaks the send ledger's words (recipient_state), content is what the provider adapter sends.
ALTER TABLE messages
  ADD COLUMN template_id uuid REFERENCES templates,
  -- What the client wants to read again in its webhooks.
  ADD COLUMN client_data text,
  -- Provider code or our own reason, for operators.
  ADD COLUMN reason text,
  ADD COLUMN attempt_at timestamptz,
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN deleted_at timestamptz;
CREATE INDEX messages_account ON messages (account_id, id DESC) WHERE deleted_at IS NULL;

-- Which attempt of a sender's lane may claim (lease), and whether it listens (awake); see db/lane.ts.
CREATE TABLE sender_lanes (
  sender_id uuid PRIMARY KEY REFERENCES senders,
  lease uuid NOT NULL,
  awake boolean NOT NULL
);

-- Direct messages not yet settled, in the order in which they leave: a row is deleted with the outcome. Small and
-- always changing, so dead rows are cleared away early.
CREATE TABLE send_queue (
  message_id uuid PRIMARY KEY REFERENCES messages,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  sender_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  -- Address of the recipient when the message was written.
  phone text NOT NULL,
  -- Free-form messages need an open window; the consent that a message needs: all of it, marketing's too, or none.
  free_form boolean NOT NULL,
  consent text NOT NULL CHECK (consent IN ('none', 'messages', 'marketing')),
  attempts smallint NOT NULL DEFAULT 0,
  first_attempt_at timestamptz,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  lease uuid
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX send_queue_order ON send_queue (sender_id, seq);
CREATE INDEX send_queue_conversation ON send_queue (conversation_id, seq);
`;
