import { sql } from 'kysely';
import type { ConversationMode, ConversationStatus } from '../domain/conversation';
import type { Tx } from './connect';
import type { Slice } from './inboxSearch';
import type { Agent, Conversation } from './schema';

export interface Steering {
  status?: ConversationStatus;
  mode?: ConversationMode;
  assignee_id?: string | null;
}

/** The conversation, locked until the transaction ends. */
export function lockConversationRow(
  tx: Tx,
  accountId: string,
  id: string,
): Promise<Conversation | undefined> {
  return tx
    .selectFrom('conversations')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export async function steerConversation(
  tx: Tx,
  id: string,
  change: Steering,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('conversations')
    .set({ ...change, updated_at: at })
    .where('id', '=', id)
    .execute();
}

/** False when the account has no such conversation. */
export async function clearUnread(db: Tx, accountId: string, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('conversations')
    .set({ unread_count: 0 })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** In the order in which they were added. */
export async function listAgentRows(
  db: Tx,
  accountId: string,
  { limit, offset }: Slice,
): Promise<{ rows: Agent[]; total: number }> {
  const all = db.selectFrom('agents').where('account_id', '=', accountId);
  const rows = await all.selectAll().orderBy('id').limit(limit).offset(offset).execute();
  const { total } = await all.select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow();
  return { rows, total };
}

export async function agentExists(db: Tx, accountId: string, id: string): Promise<boolean> {
  const found = await db
    .selectFrom('agents')
    .select('id')
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  return found !== undefined;
}

export function insertAgent(db: Tx, accountId: string, name: string, at: Date): Promise<Agent> {
  return db
    .insertInto('agents')
    .values({ account_id: accountId, name, created_at: at })
    .returningAll()
    .executeTakeFirstOrThrow();
}
