import { sql, type Kysely } from 'kysely';

/**
 * Accounts, senders, audiences, templates, campaigns with their send ledger, provider hooks and the
 * signal outbox. Written in SQL, because that is what a reviewer of a schema wants to read.
 * Frozen in time: imports nothing of the application.
 */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE accounts (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  name text NOT NULL,
  time_zone text NOT NULL DEFAULT 'UTC',
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE agents (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Secrets are "••" columns: sealed with AES-256-GCM by the application, never stored in clear.
CREATE TABLE senders (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  name text NOT NULL,
  channel text NOT NULL DEFAULT 'WHATSAPP',
  phone text NOT NULL,
  provider_kind text NOT NULL,
  provider_base_url text NOT NULL,
  provider_version text,
  phone_number_id text,
  waba_id text,
  sealed_token text NOT NULL,
  sealed_app_secret text,
  sealed_verify_token text,
  hook_key text NOT NULL UNIQUE,
  rate_per_second double precision NOT NULL DEFAULT 80,
  daily_limit integer,
  window_policy text NOT NULL,
  quiet_hours jsonb,
  health text NOT NULL DEFAULT 'active',
  health_reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE UNIQUE INDEX senders_name ON senders (account_id, channel, name) WHERE deleted_at IS NULL;
CREATE INDEX senders_phone_number_id ON senders (phone_number_id) WHERE deleted_at IS NULL;

CREATE TABLE api_keys (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  name text NOT NULL,
  prefix text NOT NULL,
  secret_hash bytea NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  sender_id uuid REFERENCES senders,
  agent_id uuid REFERENCES agents,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz
);

-- The theoretical arrival time (GCRA) of the next message, one row per budget: a sender's or a campaign's own.
-- Small and hot: every reservation rewrites it, so rows keep free space for HOT updates.
CREATE TABLE budgets (
  id uuid PRIMARY KEY,
  tat timestamptz NOT NULL DEFAULT now(),
  slowed_rate double precision,
  slowed_at timestamptz
) WITH (fillfactor = 20);

CREATE TABLE contacts (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  phone text,
  bsuid text,
  first_name text,
  last_name text,
  custom1 text,
  custom2 text,
  attributes jsonb NOT NULL DEFAULT '{}',
  time_zone text,
  tags text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT contacts_reachable CHECK (phone IS NOT NULL OR bsuid IS NOT NULL)
);
CREATE UNIQUE INDEX contacts_phone ON contacts (account_id, phone);
CREATE UNIQUE INDEX contacts_bsuid ON contacts (account_id, bsuid) WHERE bsuid IS NOT NULL;

CREATE TABLE audiences (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  name text NOT NULL,
  channel text NOT NULL,
  rule jsonb,
  contacts_count bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE UNIQUE INDEX audiences_name ON audiences (account_id, name) WHERE deleted_at IS NULL;

-- import_id tells a number repeated within one import from one that was on the list before it. No foreign key to
-- contacts: a contact is deleted only when it is merged, with its memberships, and the check would lock (and so
-- rewrite) every contact of an import (29,000 rows/s with it, 45,000 without).
CREATE TABLE audience_contacts (
  audience_id uuid NOT NULL REFERENCES audiences,
  contact_id uuid NOT NULL,
  import_id uuid,
  PRIMARY KEY (audience_id, contact_id)
);
CREATE INDEX audience_contacts_contact ON audience_contacts (contact_id);

CREATE TABLE templates (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  sender_id uuid REFERENCES senders,
  name text NOT NULL,
  language text NOT NULL DEFAULT 'en_US',
  channel text NOT NULL,
  category text NOT NULL,
  status text NOT NULL,
  status_reason text,
  body text NOT NULL,
  header jsonb,
  footer text,
  buttons jsonb NOT NULL DEFAULT '[]',
  parameter_format text NOT NULL,
  placeholders text[] NOT NULL,
  provider_template_id text,
  submitted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE UNIQUE INDEX templates_name ON templates (account_id, channel, name, language) WHERE deleted_at IS NULL;
CREATE INDEX templates_unsubmitted ON templates (created_at) WHERE status = 'in_review' AND submitted_at IS NULL;

CREATE TABLE blockers (
  sender_id uuid NOT NULL REFERENCES senders,
  phone text NOT NULL,
  source text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (sender_id, phone)
);

-- revision counts the transitions: a signal that carries an older one than the workflow has seen is ignored.
CREATE TABLE campaigns (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  sender_id uuid NOT NULL REFERENCES senders,
  template_id uuid NOT NULL REFERENCES templates,
  audience_id uuid NOT NULL REFERENCES audiences,
  name text NOT NULL,
  channel text NOT NULL,
  status text NOT NULL,
  status_reason text,
  revision integer NOT NULL DEFAULT 1,
  schedule timestamptz,
  due_at timestamptz NOT NULL,
  send_at_local boolean NOT NULL DEFAULT false,
  on_unknown text NOT NULL DEFAULT 'keep',
  rate_per_second double precision,
  variables jsonb NOT NULL DEFAULT '{}',
  template jsonb,
  total integer,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  frozen_at timestamptz,
  finished_at timestamptz,
  deleted_at timestamptz
);
CREATE UNIQUE INDEX campaigns_name ON campaigns (account_id, name) WHERE deleted_at IS NULL;
CREATE INDEX campaigns_list ON campaigns (account_id, id) WHERE deleted_at IS NULL;
CREATE INDEX campaigns_sender ON campaigns (sender_id) WHERE status IN ('scheduled', 'in_progress', 'paused');

CREATE TYPE recipient_state AS ENUM
  ('pending', 'claimed', 'unknown', 'sent', 'delivered', 'read', 'failed', 'skipped');

-- The send ledger: one row per recipient, written before anything is sent. Its key is (campaign, position), which is
-- also the reference that travels with the message, so neither the wamid nor the state needs an index and every
-- update of the hot path stays HOT (fillfactor leaves the room). next_attempt_at is null for rows that a range
-- claims by position and set for rows that wait for their time (retry, local hour, quiet hours).
CREATE TABLE recipients (
  campaign_id uuid NOT NULL,
  position integer NOT NULL,
  contact_id uuid NOT NULL,
  phone text NOT NULL,
  parameters text[],
  time_zone text,
  state recipient_state NOT NULL,
  reason text,
  attempts smallint NOT NULL DEFAULT 0,
  first_attempt_at timestamptz,
  attempt_at timestamptz,
  next_attempt_at timestamptz,
  lease uuid,
  wamid text,
  status_at timestamptz,
  PRIMARY KEY (campaign_id, position)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX recipients_due ON recipients (campaign_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX recipients_contact ON recipients (contact_id);

-- How many recipients are in which state, and why. Kept in the same statement that moves the recipients; spread over
-- slots so that lanes do not wait for each other; a total is the sum over the slots.
CREATE TABLE campaign_tallies (
  campaign_id uuid NOT NULL,
  slot smallint NOT NULL,
  state recipient_state NOT NULL,
  reason text NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (campaign_id, slot, state, reason)
) WITH (fillfactor = 30);

-- One gate per lane. A claim holds its lane's gate; pause and cancel close all of them, and so know exactly what was
-- claimed before. Row locks queue fairly, which a share lock on the campaign would not.
CREATE TABLE campaign_gates (
  campaign_id uuid NOT NULL,
  slot smallint NOT NULL,
  open boolean NOT NULL,
  PRIMARY KEY (campaign_id, slot)
) WITH (fillfactor = 20);

CREATE TABLE campaign_timeline (
  campaign_id uuid NOT NULL,
  minute timestamptz NOT NULL,
  state recipient_state NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (campaign_id, minute, state)
) WITH (fillfactor = 30);

-- Raw bodies of provider webhooks: appended before the answer, applied by a relay, deleted when applied.
CREATE TABLE webhook_inbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sender_id uuid,
  body bytea NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  problem text
);
CREATE INDEX webhook_inbox_waiting ON webhook_inbox (id) WHERE problem IS NULL;

-- Statuses of messages we do not know yet (or never sent): tried again for a while, then dropped.
CREATE TABLE parked_statuses (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  update jsonb NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT now()
);

-- The road from a committed row to its workflow. At most one undelivered row per workflow and signal: newest wins.
CREATE TABLE workflow_signals (
  workflow_id text NOT NULL,
  signal text NOT NULL,
  workflow_type text NOT NULL,
  summary text NOT NULL,
  input jsonb NOT NULL,
  payload jsonb NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workflow_id, signal)
);
CREATE INDEX workflow_signals_age ON workflow_signals (created_at);

CREATE TABLE idempotency_keys (
  api_key_id uuid NOT NULL REFERENCES api_keys,
  route text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  status integer,
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (api_key_id, route, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE audit_log (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_log_subject ON audit_log (account_id, subject, at);
`;
