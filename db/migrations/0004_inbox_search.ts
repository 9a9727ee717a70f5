import { sql, type Kysely } from 'kysely';

/** What the inbox lists and searches by. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
-- Newest activity first, as before, but those without any come last.
DROP INDEX conversations_activity;
CREATE INDEX conversations_activity ON conversations
  (account_id, (greatest(last_inbound_at, last_outbound_at)) DESC NULLS LAST, id);

-- Part of a name or of a number, among the contacts that have a conversation: 6 to 12 ms among 1,000,000. Indexing
-- every contact would make imports pay (125,000 plain inserts a second without the indexes, 37,000 with them) for people
-- whom no inbox shows. Kept by a trigger, so that whoever makes a conversation cannot forget it.
ALTER TABLE contacts ADD COLUMN conversed boolean NOT NULL DEFAULT false;
UPDATE contacts SET conversed = true WHERE id IN (SELECT contact_id FROM conversations);

CREATE FUNCTION mark_conversed() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN UPDATE contacts SET conversed = true WHERE id = NEW.contact_id AND NOT conversed; RETURN NULL; END';
CREATE TRIGGER conversations_conversed AFTER INSERT OR UPDATE OF contact_id ON conversations
  FOR EACH ROW EXECUTE FUNCTION mark_conversed();

-- pg_unicode_fast folds the case of every script, whatever locale the database has.
CREATE INDEX contacts_name_search ON contacts USING gin
  (lower((coalesce(first_name, '') || ' ' || coalesce(last_name, '')) COLLATE "pg_unicode_fast") gin_trgm_ops)
  WHERE conversed;
CREATE INDEX contacts_phone_search ON contacts USING gin (phone gin_trgm_ops) WHERE conversed;

CREATE INDEX agents_account ON agents (account_id, id);
`;
