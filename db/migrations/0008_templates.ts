import { sql, type Kysely } from 'kysely';

/** Templates of all components: examples for the review, quality, the order of news, deletion at the provider. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
}

const STATEMENTS = `
-- header, footer and buttons are there since 0001. placeholders now holds the names of all values that a message
-- brings: the body's, then the header's, then the buttons'. status_at is the time of the newest news of the status, by
-- the provider's clock. withdrawn_at says that the provider knows of the deletion. next_try_at is when the provider is
-- told again of what it could not be told.
ALTER TABLE templates
  ADD COLUMN examples jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN quality text,
  ADD COLUMN status_at timestamptz,
  ADD COLUMN withdrawn_at timestamptz,
  ADD COLUMN next_try_at timestamptz;
CREATE INDEX templates_unwithdrawn ON templates (deleted_at)
  WHERE deleted_at IS NOT NULL AND withdrawn_at IS NULL AND provider_template_id IS NOT NULL;

-- Media or place that the header of a campaign's messages shows, in place of the template's own.
ALTER TABLE campaigns ADD COLUMN header jsonb;
CREATE INDEX campaigns_template ON campaigns (template_id) WHERE status IN ('scheduled', 'in_progress', 'paused');

-- When the provider was last asked for the templates of its business account.
ALTER TABLE senders ADD COLUMN templates_listed_at timestamptz;
`;
