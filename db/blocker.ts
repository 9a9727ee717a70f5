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

export interface BlockerKey {
  senderId: string;
  /** E.164, or the BSUID of a user whose number is hidden. */
  address: string;
}

export interface BlockerFilter {
  /** The address of the last row of the page before. */
  after?: string;
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
      conflict.columns(['sender_id', 'phone']).doUpdateSet({ source: 'api' }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  return { blocker, added: false };
}

export async function removeBlocker(tx: Tx, { senderId, address }: BlockerKey): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('blockers')
    .where('sender_id', '=', senderId)
    .where('phone', '=', address)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** By number, so that pages stay where they are while others are added. */
export async function listBlockerRows(
  tx: Tx,
  senderId: string,
  { after, limit }: BlockerFilter,
): Promise<{ rows: Blocker[]; total: number }> {
  const all = tx.selectFrom('blockers').where('sender_id', '=', senderId);
  const rows = await all
    .selectAll()
    .$if(after !== undefined, (query) => query.where('phone', '>', after!))
    .orderBy('phone')
    .limit(limit)
    .execute();
  const { total } = await all.select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow();
  return { rows, total };
}

/** The customer's own wish; `at` is when they said it. Somebody who is listed already stays listed as before. */
export async function block(
  tx: Tx,
  { senderId, address }: BlockerKey,
  source: BlockerSource,
  at: Date,
): Promise<void> {
  await tx
    .insertInto('blockers')
    .values({ sender_id: senderId, phone: address, source, created_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Lifts blockers of these sources that are not newer than the wish to lift them. */
export async function unblock(
  tx: Tx,
  { senderId, addresses }: { senderId: string; addresses: readonly string[] },
  sources: readonly BlockerSource[],
  at: Date,
): Promise<void> {
  await tx
    .deleteFrom('blockers')
    .where('sender_id', '=', senderId)
    .where('phone', 'in', addresses)
    .where('source', 'in', sources)
    .where('created_at', '<=', at)
    .execute();
}

/**
 * Opt-outs follow a person to another number: what was asked of the old one holds for the new one. Numbers stay listed
 * as well, since somebody else may have added them; a BSUID only stood in for the number.
 */
export async function carryBlockers(
  tx: Tx,
  accountId: string,
  from: readonly string[],
  to: string,
): Promise<void> {
  await sql`
    INSERT INTO blockers (sender_id, phone, source, created_at)
    SELECT DISTINCT ON (b.sender_id) b.sender_id, ${to}, b.source, b.created_at
    FROM blockers b JOIN senders s ON s.id = b.sender_id
    WHERE s.account_id = ${accountId} AND b.phone = ANY(${[...from]}::text[]) AND b.phone <> ${to}
    ORDER BY b.sender_id, b.created_at
    ON CONFLICT DO NOTHING`.execute(tx);
  await sql`
    DELETE FROM blockers b USING senders s
    WHERE s.id = b.sender_id AND s.account_id = ${accountId}
      AND b.phone = ANY(${[...from]}::text[]) AND b.phone <> ${to} AND b.phone NOT LIKE '+%'`.execute(
    tx,
  );
}
