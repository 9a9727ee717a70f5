import { sql, type Selectable } from 'kysely';
import type { Tx } from './connect';
import type { BlockersTable } from './schema';

/** `phone` is the blocked address, see `BlockerKey`. */
export type Blocker = Selectable<BlockersTable>;

/**
 * Who put somebody on a sender's list. `api`: the business. `inbound`: the customer wrote STOP. `user_preferences` and
 * `provider_131050`: the customer told WhatsApp itself.
 */
export type BlockerSource = 'api' | 'inbound' | 'user_preferences' | 'provider_131050';

/** What was said to WhatsApp itself is about marketing; what was said in the chat or by the business about everything. */
const SCOPES: Record<BlockerSource, Blocker['scope']> = {
  api: 'all',
  inbound: 'all',
  user_preferences: 'marketing',
  provider_131050: 'marketing',
};
/** With the scope `all` on such a row, the customer wrote STOP on top: each of both wishes can be undone alone. */
const MARKETING_SOURCES: readonly BlockerSource[] = ['user_preferences', 'provider_131050'];

/**
 * Listed already: a stronger opt-out takes over the scope, and any later one the date, so that news older than the last
 * wish does not undo it. The business's own blockers stay as they are.
 */
const REPEATED = sql`
  ON CONFLICT (sender_id, phone) DO UPDATE SET
    scope = CASE WHEN excluded.scope = 'all' THEN excluded.scope ELSE b.scope END,
    created_at = greatest(b.created_at, excluded.created_at),
    source = CASE WHEN excluded.source = 'api' THEN excluded.source ELSE b.source END
  WHERE b.source <> 'api'`;

export interface BlockerKey {
  senderId: string;
  /** E.164, or the BSUID of a user whose number is hidden. */
  address: string;
}

export interface BlockerFilter {
  /** The address of the last row of the page before ... */
  after?: string;
  /** ... or of the first row of the page behind. */
  before?: string;
  limit: number;
}

/** Adds the business's own blocker. It outranks the customer's: START does not lift it. False when listed already. */
export async function addApiBlocker(
  tx: Tx,
  { senderId, address }: BlockerKey,
  at: Date,
): Promise<{ blocker: Blocker; added: boolean }> {
  const added = await tx
    .insertInto('blockers')
    .values({ sender_id: senderId, phone: address, source: 'api', created_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (added) return { blocker: added, added: true };
  const blocker = await tx
    .insertInto('blockers')
    .values({ sender_id: senderId, phone: address, source: 'api', created_at: at })
    .onConflict((conflict) =>
      conflict.columns(['sender_id', 'phone']).doUpdateSet({ source: 'api', scope: 'all' }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  return { blocker, added: false };
}

/** False when none of these addresses was listed. */
export async function removeBlockers(
  tx: Tx,
  senderId: string,
  addresses: readonly string[],
): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('blockers')
    .where('sender_id', '=', senderId)
    .where('phone', 'in', addresses)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Which of these addresses have opted out, and of what. */
export async function blockedAddresses(
  tx: Tx,
  senderId: string,
  addresses: readonly string[],
): Promise<Map<string, Blocker['scope']>> {
  if (addresses.length === 0) return new Map();
  const rows = await tx
    .selectFrom('blockers')
    .select(['phone', 'scope'])
    .where('sender_id', '=', senderId)
    .where('phone', 'in', [...addresses])
    .execute();
  return new Map(rows.map((row) => [row.phone, row.scope]));
}

/** By number, so that pages stay where they are while others are added. */
export async function listBlockerRows(
  tx: Tx,
  senderId: string,
  { after, before, limit }: BlockerFilter,
): Promise<{ rows: Blocker[]; total: number }> {
  const all = tx.selectFrom('blockers').where('sender_id', '=', senderId);
  const rows = await all
    .selectAll()
    .$if(after !== undefined, (query) => query.where('phone', '>', after!))
    .$if(before !== undefined, (query) => query.where('phone', '<', before!))
    .orderBy('phone', before === undefined ? 'asc' : 'desc')
    .limit(limit)
    .execute();
  if (before !== undefined) rows.reverse();
  const { total } = await all.select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow();
  return { rows, total };
}

/**
 * The customer's own wish; `at` is when they last said it. Somebody who is listed already stays listed as before, but a
 * STOP counts more than an opt-out of marketing. False when it was asked for before.
 */
export async function block(
  tx: Tx,
  { senderId, address }: BlockerKey,
  source: BlockerSource,
  at: Date,
): Promise<boolean> {
  const { rows } = await sql<{ news: boolean }>`
    INSERT INTO blockers AS b (sender_id, phone, source, scope, created_at)
    VALUES (${senderId}, ${address}, ${source}, ${SCOPES[source]}, ${at}) ${REPEATED}
    RETURNING old.scope IS DISTINCT FROM new.scope AS news`.execute(tx);
  return rows[0]?.news ?? false;
}

/**
 * Lifts blockers of these sources that are not newer than the wish to lift them. Where a STOP came on top of an opt-out
 * of marketing, whichever of both is not lifted stays. False when there was nothing to lift.
 */
export async function unblock(
  tx: Tx,
  { senderId, addresses }: { senderId: string; addresses: readonly string[] },
  sources: readonly BlockerSource[],
  at: Date,
): Promise<boolean> {
  const both = tx
    .updateTable('blockers')
    .where('sender_id', '=', senderId)
    .where('phone', 'in', addresses)
    .where('created_at', '<=', at)
    .where('scope', '=', 'all')
    .where('source', 'in', MARKETING_SOURCES);
  const weakened = sources.includes('inbound')
    ? await both.set({ scope: 'marketing' }).executeTakeFirst()
    : await both.where('source', 'in', sources).set({ source: 'inbound' }).executeTakeFirst();
  const lifted = await tx
    .deleteFrom('blockers')
    .where('sender_id', '=', senderId)
    .where('phone', 'in', addresses)
    .where('source', 'in', sources)
    .where('created_at', '<=', at)
    .executeTakeFirst();
  return weakened.numUpdatedRows + lifted.numDeletedRows > 0n;
}

/** Somebody of an account who has, or is known by, another address. */
export interface AddressMove {
  accountId: string;
  from: string;
  to: string;
}

const unnested = (moves: readonly AddressMove[]) => sql`
  unnest(${moves.map((move) => move.accountId)}::uuid[], ${moves.map((move) => move.from)}::text[],
    ${moves.map((move) => move.to)}::text[]) AS m (account_id, from_address, to_address)`;

/** What was asked of the old addresses holds for the new ones, too. */
export async function copyBlockers(tx: Tx, moves: readonly AddressMove[]): Promise<void> {
  const marketing = sql`${[...MARKETING_SOURCES]}::text[]`;
  await sql`
    INSERT INTO blockers AS b (sender_id, phone, source, scope, created_at)
    SELECT o.sender_id, m.to_address,
      CASE WHEN bool_or(o.source = 'api') THEN 'api'
        ELSE coalesce(min(o.source) FILTER (WHERE o.source = ANY(${marketing})), min(o.source)) END,
      CASE WHEN bool_or(o.scope = 'all') THEN 'all' ELSE 'marketing' END,
      max(o.created_at)
    FROM ${unnested(moves)} JOIN senders s USING (account_id)
    JOIN blockers o ON o.sender_id = s.id AND o.phone = m.from_address
    WHERE m.from_address <> m.to_address
    GROUP BY o.sender_id, m.to_address ORDER BY o.sender_id, m.to_address
    ${REPEATED}`.execute(tx);
}

/**
 * Opt-outs follow a person to another number: what was asked of the old one holds for the new one. Numbers stay listed
 * as well, since somebody else may have added them; a BSUID only stood in for the number.
 */
export async function carryBlockers(tx: Tx, moves: readonly AddressMove[]): Promise<void> {
  if (moves.length === 0) return;
  await copyBlockers(tx, moves);
  await sql`
    DELETE FROM blockers b USING ${unnested(moves)} JOIN senders s USING (account_id)
    WHERE s.id = b.sender_id AND b.phone = m.from_address AND m.from_address <> m.to_address
      AND b.phone NOT LIKE '+%'`.execute(tx);
}
