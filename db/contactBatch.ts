import { sql } from 'kysely';
import type { ValidContact } from '../domain/contact';
import type { Tx } from './connect';

export interface BatchTarget {
  accountId: string;
  audienceId: string;
  /** Marks what this import touched, so that a number it repeats is told from one that was there before. */
  importId: string;
}

/** What became of the rows of a batch; the sum is the batch's size. */
export interface BatchResult {
  /** Newly on the audience. */
  added: number;
  /** On the audience before this import. */
  updated: number;
  /** Put there by an earlier batch of this import. */
  repeated: number;
}

/**
 * Saves contacts and puts them on the audience, in one statement. Numbers must be unique within the batch.
 * A null field leaves what is known; attributes are merged.
 *
 * Rows go in by phone order, so that two imports of the same people wait for each other instead of deadlocking.
 * `RETURNING old.*` (PostgreSQL 18) tells an insert from an update without a second look.
 */
export async function saveBatch(
  db: Tx,
  target: BatchTarget,
  contacts: readonly ValidContact[],
): Promise<BatchResult> {
  const sorted = contacts.toSorted((a, b) => (a.phone < b.phone ? -1 : 1));
  const column = (pick: (contact: ValidContact) => string | null) => columnOf(sorted, pick);
  const { rows } = await sql<BatchResult>`
    WITH given AS (
      SELECT * FROM unnest(
        ${sorted.map(({ phone }) => phone)}::text[],
        ${column(({ firstName }) => firstName)}::text[],
        ${column(({ lastName }) => lastName)}::text[],
        ${column(({ custom1 }) => custom1)}::text[],
        ${column(({ custom2 }) => custom2)}::text[],
        ${column(({ timeZone }) => timeZone)}::text[],
        ${column(({ tags }) => tags && JSON.stringify(tags))}::jsonb[],
        ${column(({ attributes }) => attributes && JSON.stringify(attributes))}::jsonb[]
      ) AS t (phone, first_name, last_name, custom1, custom2, time_zone, tags, attributes)
    ), saved AS (
      INSERT INTO contacts AS known
        (account_id, phone, first_name, last_name, custom1, custom2, time_zone, tags, attributes)
      SELECT ${target.accountId}::uuid, phone, first_name, last_name, custom1, custom2, time_zone,
        CASE WHEN tags IS NULL THEN '{}'
          ELSE ARRAY(SELECT jsonb_array_elements_text(tags)) END,
        coalesce(attributes, '{}')
      FROM given
      ON CONFLICT (account_id, phone) DO UPDATE SET
        first_name = coalesce(excluded.first_name, known.first_name),
        last_name = coalesce(excluded.last_name, known.last_name),
        custom1 = coalesce(excluded.custom1, known.custom1),
        custom2 = coalesce(excluded.custom2, known.custom2),
        time_zone = coalesce(excluded.time_zone, known.time_zone),
        tags = CASE WHEN excluded.tags = '{}' THEN known.tags ELSE excluded.tags END,
        attributes = known.attributes || excluded.attributes,
        updated_at = now()
      RETURNING id
    ), placed AS (
      INSERT INTO audience_contacts AS member (audience_id, contact_id, import_id)
      SELECT ${target.audienceId}::uuid, id, ${target.importId}::uuid FROM saved
      ON CONFLICT (audience_id, contact_id) DO UPDATE SET import_id = excluded.import_id
      RETURNING old.contact_id AS before, old.import_id AS before_import
    ), counted AS (
      SELECT
        count(*) FILTER (WHERE before IS NULL) AS added,
        count(*) FILTER (WHERE before_import = ${target.importId}::uuid) AS repeated,
        count(*) AS total
      FROM placed
    ), kept AS (
      UPDATE audiences SET contacts_count = contacts_count + added, updated_at = now()
      FROM counted WHERE id = ${target.audienceId}::uuid
    )
    SELECT added, repeated, total - added - repeated AS updated FROM counted`.execute(db);
  return rows[0]!;
}

/** A column that no row fills travels as null, which unnest reads as nulls. */
function columnOf(
  contacts: readonly ValidContact[],
  pick: (contact: ValidContact) => string | null,
): (string | null)[] | null {
  const values = contacts.map(pick);
  return values.some((value) => value !== null) ? values : null;
}
