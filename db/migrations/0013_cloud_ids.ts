import { sql, type Kysely } from 'kysely';

/** Messages of clients that speak the Cloud API. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
-- cloud_id: the id that the client was told because the provider had not named the message yet. It is the client's name
-- of it for good, in statuses and in answers to it. marketing: goes out through the provider's API for marketing messages.
ALTER TABLE messages
  ADD COLUMN cloud_id text,
  ADD COLUMN marketing jsonb;
CREATE UNIQUE INDEX messages_cloud_id ON messages (sender_id, cloud_id) WHERE cloud_id IS NOT NULL;

-- sender_id: hears of this number alone. place: what the endpoint was configured as through the Cloud API, where it can
-- be found again; one of each. sealed_headers: JSON of the headers that its owner wants to see in every request.
ALTER TABLE webhook_endpoints
  ADD COLUMN sender_id uuid REFERENCES senders,
  ADD COLUMN place text,
  ADD COLUMN sealed_headers text;
CREATE UNIQUE INDEX webhook_endpoints_place ON webhook_endpoints (account_id, sender_id, place)
  NULLS NOT DISTINCT WHERE place IS NOT NULL AND deleted_at IS NULL;
`;
