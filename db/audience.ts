import { sql } from 'kysely';
import type { Tx } from './connect';
import type { Audience } from './schema';

export interface AudienceFilter {
  channel?: string;
  /** Id of the last row of the page before. */
  after?: string;
  limit: number;
}

export async function insertAudience(
  db: Tx,
  audience: { accountId: string; name: string; channel: string },
): Promise<Audience> {
  return db
    .insertInto('audiences')
    .values({ account_id: audience.accountId, name: audience.name, channel: audience.channel })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function findAudience(
  db: Tx,
  accountId: string,
  id: string,
): Promise<Audience | undefined> {
  return db
    .selectFrom('audiences')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** Newest first. */
export async function listAudienceRows(
  db: Tx,
  accountId: string,
  filter: AudienceFilter,
): Promise<{ rows: Audience[]; total: number }> {
  const { channel, after } = filter;
  const matching = db
    .selectFrom('audiences')
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .$if(channel !== undefined, (query) => query.where('channel', '=', channel!));
  const rows = await matching
    .selectAll()
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute();
  const { total } = await matching
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  return { rows, total };
}

/** Undefined when there is no such audience (any more). Its name must be free in the account. */
export async function renameAudienceRow(
  db: Tx,
  accountId: string,
  id: string,
  to: { name: string; at: Date },
): Promise<Audience | undefined> {
  return db
    .updateTable('audiences')
    .set({ name: to.name, updated_at: to.at })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** False when there is no such audience (any more). Its contacts stay contacts of the account. */
export async function hideAudience(
  db: Tx,
  accountId: string,
  id: string,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('audiences')
    .set({ deleted_at: at, updated_at: at })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
