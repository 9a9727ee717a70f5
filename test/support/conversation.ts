import { randomUUID } from 'node:crypto';
import type { Insertable } from 'kysely';
import type { Db } from '../../db/connect';
import type { Conversation, ConversationsTable } from '../../db/schema';
import type { World } from './build';

/** A conversation with one of the account's contacts, each time another one; its first window is open. */
export async function buildConversation(
  db: Db,
  world: World,
  values: Partial<Insertable<ConversationsTable>> = {},
): Promise<Conversation> {
  const contact = await db
    .insertInto('contacts')
    .values({ account_id: world.accountId, bsuid: `US.${randomUUID()}` })
    .returning('id')
    .executeTakeFirstOrThrow();
  return db
    .insertInto('conversations')
    .values({
      account_id: world.accountId,
      sender_id: world.sender.id,
      contact_id: contact.id,
      window_number: 1,
      window_open: true,
      ...values,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function readConversation(db: Db, id: string): Promise<Conversation> {
  return db.selectFrom('conversations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

/** What happened to the conversation's windows: `1 window_closed 2026-03-01T12:00:00.000Z`, in order. */
export async function windowEvents(db: Db, conversationId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('conversation_events')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .orderBy('id')
    .execute();
  return rows.map((row) => `${row.window_number} ${row.kind} ${row.at.toISOString()}`);
}
