import { sql } from 'kysely';
import { json, type Tx } from './connect';

export interface NewInbound {
  accountId: string;
  senderId: string;
  conversationId: string;
  wamid: string;
  type: string;
  text: string | null;
  /** The message as it came. */
  content: Readonly<Record<string, unknown>>;
  contextWamid: string | null;
  /** When the customer wrote it, by the provider's clock. */
  at: Date;
}

/** Which of these messages are stored already; as `sender wamid`. */
export async function storedMessages(
  tx: Tx,
  messages: readonly { senderId: string; wamid: string }[],
): Promise<Set<string>> {
  const { rows } = await sql<{ sender_id: string; wamid: string }>`
    SELECT m.sender_id, m.wamid
    FROM unnest(${messages.map((m) => m.senderId)}::uuid[], ${messages.map((m) => m.wamid)}::text[]) AS n (sender_id, wamid)
    JOIN messages m ON m.sender_id = n.sender_id AND m.wamid = n.wamid`.execute(tx);
  return new Set(rows.map((row) => `${row.sender_id} ${row.wamid}`));
}

/** Stores customers' messages; returns the ids of those that were new, by `sender wamid`. */
export async function insertInbound(
  tx: Tx,
  messages: readonly NewInbound[],
): Promise<Map<string, string>> {
  if (messages.length === 0) return new Map();
  const { rows } = await sql<{ id: string; sender_id: string; wamid: string }>`
    INSERT INTO messages (account_id, sender_id, conversation_id, wamid, type, text, content, context_wamid, sent_at,
      direction, status)
    SELECT n.*, 'inbound', 'received' FROM unnest(
      ${messages.map((m) => m.accountId)}::uuid[], ${messages.map((m) => m.senderId)}::uuid[],
      ${messages.map((m) => m.conversationId)}::uuid[], ${messages.map((m) => m.wamid)}::text[],
      ${messages.map((m) => m.type)}::text[], ${messages.map((m) => m.text)}::text[],
      ${messages.map((m) => json(m.content))}::jsonb[], ${messages.map((m) => m.contextWamid)}::text[],
      ${messages.map((m) => m.at)}::timestamptz[]) AS n
    ON CONFLICT (sender_id, wamid) WHERE wamid IS NOT NULL DO NOTHING
    RETURNING id, sender_id, wamid`.execute(tx);
  return new Map(rows.map((row) => [`${row.sender_id} ${row.wamid}`, row.id]));
}
