import { sql } from 'kysely';
import type { Db } from '../../db/connect';
import type { RecipientState } from '../../domain/recipient';

/** The tallies must equal the ledger, whatever happened to it. */
export async function expectTalliesEqualLedger(db: Db, campaignId: string): Promise<void> {
  const counted = await sql<{ state: string; reason: string; count: number }>`
    SELECT state, CASE WHEN state IN ('failed', 'skipped') THEN coalesce(reason, '') ELSE '' END AS reason,
      count(*) AS count
    FROM recipients WHERE campaign_id = ${campaignId} GROUP BY 1, 2 ORDER BY 1, 2`.execute(db);
  const tallied = await sql<{ state: string; reason: string; count: number }>`
    SELECT state, reason, sum(count)::bigint AS count FROM campaign_tallies
    WHERE campaign_id = ${campaignId} GROUP BY 1, 2 HAVING sum(count) <> 0 ORDER BY 1, 2`.execute(
    db,
  );
  expect(tallied.rows).toEqual(counted.rows);
}

export async function stateOf(
  db: Db,
  campaignId: string,
  position: number,
): Promise<{ state: RecipientState; reason: string | null; wamid: string | null }> {
  return db
    .selectFrom('recipients')
    .select(['state', 'reason', 'wamid'])
    .where('campaign_id', '=', campaignId)
    .where('position', '=', position)
    .executeTakeFirstOrThrow();
}
