import { sql, type Kysely } from 'kysely';

/** What happened to accounts, whom to tell of it, and how far that has come. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
-- Written by the transaction that makes the fact true, with ids of what it is about and little else: who shows or sends
-- an event reads the rest. A transaction that commits late would appear behind a reader's back if readers went by id, so
-- they go by seq: one relay at a time gives it to what has been committed, and a number never becomes visible after a
-- higher one. (A bound by pg_snapshot_xmin would do the same with one write less, but any transaction of the cluster that
-- stays open would hold up the events of everybody, and a restored dump would have transaction ids of another cluster.)
-- No foreign keys: what an event tells of may be gone, and the sending loop writes here.
CREATE SEQUENCE event_order AS bigint;
CREATE TABLE events (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  seq bigint,
  account_id uuid NOT NULL,
  kind text NOT NULL,
  conversation_id uuid,
  message_id uuid,
  campaign_id uuid,
  position integer,
  data jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX events_account ON events (account_id, seq);
CREATE INDEX events_new ON events (id) WHERE seq IS NULL;

-- kinds are ours, events the words of the endpoint's format. awake: its workflow is at work, or will look for deliveries
-- by itself, so nobody needs to tell it of new ones; looked_at is when it last did, or was told to. failures counts
-- attempts in a row that found the endpoint down; nothing is sent before retry_at.
CREATE TABLE webhook_endpoints (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  format text NOT NULL,
  url text NOT NULL,
  events text[] NOT NULL,
  kinds text[] NOT NULL,
  sealed_secret text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  awake boolean NOT NULL DEFAULT false,
  looked_at timestamptz NOT NULL DEFAULT now(),
  failures integer NOT NULL DEFAULT 0,
  failing_since timestamptz,
  retry_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE INDEX webhook_endpoints_listening ON webhook_endpoints (account_id) WHERE enabled AND deleted_at IS NULL;

-- One event for one endpoint; ids are in the order of the events. Sent again until expires_at, then failed for good.
CREATE TABLE webhook_deliveries (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  endpoint_id uuid NOT NULL REFERENCES webhook_endpoints,
  event_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts smallint NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  attempted_at timestamptz,
  answer integer,
  error text,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at) WHERE status = 'pending';
`;
