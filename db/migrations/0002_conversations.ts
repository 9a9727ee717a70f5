import { sql, type Kysely } from 'kysely';

/** Conversations with their customer service window, and messages in both directions. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
-- One per sender and contact. window_number counts the customer service windows; window_closes_at is the computed
-- truth of the newest one (last customer message, or delivered template where the sender's policy says so, plus 24 h);
-- window_open says whether its closing has been carried out.
CREATE TABLE conversations (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  sender_id uuid NOT NULL REFERENCES senders,
  contact_id uuid NOT NULL REFERENCES contacts,
  status text NOT NULL DEFAULT 'open',
  mode text NOT NULL DEFAULT 'ai',
  assignee_id uuid REFERENCES agents,
  unread_count integer NOT NULL DEFAULT 0,
  last_inbound_at timestamptz,
  last_outbound_at timestamptz,
  window_number integer NOT NULL DEFAULT 0,
  window_open boolean NOT NULL DEFAULT false,
  window_closes_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (sender_id, contact_id)
);
CREATE INDEX conversations_activity ON conversations
  (account_id, (greatest(last_inbound_at, last_outbound_at)) DESC, id);
CREATE INDEX conversations_contact ON conversations (contact_id);
CREATE INDEX conversations_overdue ON conversations (window_closes_at) WHERE window_open;

-- Messages of conversations, in either direction. What a campaign sends is in recipients, one row per recipient;
-- readers of a conversation's history join both.
CREATE TABLE messages (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  conversation_id uuid NOT NULL REFERENCES conversations,
  sender_id uuid NOT NULL,
  direction text NOT NULL,
  type text NOT NULL,
  text text,
  content jsonb NOT NULL DEFAULT '{}',
  status text NOT NULL,
  error_code integer,
  wamid text,
  context_wamid text,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX messages_wamid ON messages (sender_id, wamid) WHERE wamid IS NOT NULL;
CREATE INDEX messages_history ON messages (conversation_id, sent_at DESC, id DESC);
`;
