import { json, type Db } from '../db/connect';
import { sql } from 'kysely';

export interface InboxSize {
  conversations: number;
  /** Spread unevenly: half of them fall into a quarter of the conversations. */
  messages: number;
}

const CHUNK = 5_000;
const WORDS = 20_000;
const CODAS = ['', 'n', 'r', 's', 'l'];
const SYLLABLES = 20 * 5 * CODAS.length;
const DAY_MS = 86_400_000;

/**
 * An account with ten senders and an inbox of this size, the same every time. Words are as common as in a language:
 * word 0 is in every second message, word 19,999 in a few of a million.
 */
export async function fillInbox(
  db: Db,
  size: InboxSize,
  until: Date,
): Promise<{ accountId: string; senders: string[] }> {
  const dice = new Dice(1);
  const { id: accountId } = await db
    .insertInto('accounts')
    .values({ name: 'bench' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const senders = await addSenders(db, accountId);
  const chats: Chat[] = [];
  for (let from = 0; from < size.conversations; from += CHUNK) {
    const count = Math.min(CHUNK, size.conversations - from);
    chats.push(...(await addConversations(db, { accountId, senders, from, count, until, dice })));
  }
  for (let from = 0; from < size.messages; from += CHUNK) {
    const count = Math.min(CHUNK, size.messages - from);
    await addMessages(db, { accountId, chats, from, count, dice });
  }
  await sql`VACUUM ANALYZE contacts, conversations, messages`.execute(db);
  return { accountId, senders };
}

/** Made of syllables, from `ban` to `zulzan`; the same number is always the same word, and no two numbers share one. */
export function word(n: number): string {
  const syllables = [];
  for (let rest = n + 100; rest > 0; rest = Math.floor(rest / SYLLABLES)) {
    const [onset, vowel, coda] = [rest, rest / 20, rest / 100].map(Math.floor);
    syllables.push('bcdfghjklmnprstvwxyz'[onset! % 20]! + 'aeiou'[vowel! % 5]! + CODAS[coda! % 5]!);
  }
  return syllables.join('');
}

/** Mulberry32: chance that is the same every time. */
class Dice {
  constructor(private state: number) {}

  /** From 0 to 1. */
  roll(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Common ones are low (Zipf's law). */
  word(): string {
    return word(Math.floor(WORDS ** this.roll()) - 1);
  }

  sentence(): string {
    return Array.from({ length: 3 + Math.floor(this.roll() * 16) }, () => this.word()).join(' ');
  }
}

interface Chat {
  id: string;
  senderId: string;
  /** Milliseconds since the epoch. */
  lastAt: number;
}

async function addSenders(db: Db, accountId: string): Promise<string[]> {
  const rows = await db
    .insertInto('senders')
    .values(
      Array.from({ length: 10 }, (_, n) => ({
        account_id: accountId,
        name: `Sender ${n}`,
        phone: `+1555000000${n}`,
        provider_kind: 'cloud_api' as const,
        provider_base_url: 'http://127.0.0.1:1',
        sealed_token: '',
        hook_key: `${accountId} ${n}`,
        window_policy: 'customer_message' as const,
      })),
    )
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

interface ConversationChunk {
  accountId: string;
  senders: readonly string[];
  from: number;
  count: number;
  until: Date;
  dice: Dice;
}

/** The first sender has half of them, the next a quarter, and so on; a year of activity, most of it recent. */
async function addConversations(db: Db, chunk: ConversationChunk): Promise<Chat[]> {
  const { accountId, senders, from, count, until, dice } = chunk;
  const people = Array.from({ length: count }, (_, n) => ({
    phone: `+1415${String(((from + n) * 7_919) % 10_000_000).padStart(7, '0')}`,
    first: capital(dice.word()),
    last: capital(word(Math.floor(dice.roll() * WORDS))),
    sender: senders[Math.min(senders.length - 1, Math.floor(-Math.log2(dice.roll() || 1)))]!,
    status: dice.roll() < 0.02 ? 'pending_customer' : dice.roll() < 0.1 ? 'open' : 'closed',
    lastAt: new Date(until.getTime() - dice.roll() * dice.roll() * 365 * DAY_MS),
  }));
  const { rows } = await sql<{ id: string; sender_id: string; last_inbound_at: Date }>`
    WITH given AS MATERIALIZED (
      SELECT * FROM unnest(${people.map((p) => p.phone)}::text[], ${people.map((p) => p.first)}::text[],
        ${people.map((p) => p.last)}::text[], ${people.map((p) => p.sender)}::uuid[],
        ${people.map((p) => p.status)}::text[], ${people.map((p) => p.lastAt)}::timestamptz[])
        AS g (phone, first_name, last_name, sender_id, status, last_at)
    ), made AS (
      INSERT INTO contacts (account_id, phone, first_name, last_name)
      SELECT ${accountId}::uuid, phone, first_name, last_name FROM given RETURNING id, phone
    )
    INSERT INTO conversations (account_id, sender_id, contact_id, status, last_inbound_at)
    SELECT ${accountId}::uuid, given.sender_id, made.id, given.status, given.last_at FROM given JOIN made USING (phone)
    RETURNING id, sender_id, last_inbound_at`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    senderId: row.sender_id,
    lastAt: row.last_inbound_at.getTime(),
  }));
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

interface MessageChunk {
  accountId: string;
  chats: readonly Chat[];
  from: number;
  count: number;
  dice: Dice;
}

async function addMessages(db: Db, { accountId, chats, from, count, dice }: MessageChunk) {
  const messages = Array.from({ length: count }, (_, n) => {
    const chat = chats[Math.floor(dice.roll() * dice.roll() * chats.length)]!;
    const text = capital(dice.sentence());
    const wamid = `wamid.HBgLMTQxNTU1NTAwMDAVAgASGBQz${from + n}`;
    const content = json({
      id: wamid,
      type: 'text',
      timestamp: '1750030073',
      text: { body: text },
    });
    const direction = dice.roll() < 0.6 ? 'inbound' : 'outbound';
    const at = new Date(chat.lastAt - dice.roll() * 10 * DAY_MS);
    return { chat, text, wamid, content, direction, at };
  });
  await sql`
    INSERT INTO messages (account_id, conversation_id, sender_id, direction, text, content, wamid, sent_at, type, status)
    SELECT ${accountId}::uuid, m.*, 'text', 'received' FROM unnest(
      ${messages.map((m) => m.chat.id)}::uuid[], ${messages.map((m) => m.chat.senderId)}::uuid[],
      ${messages.map((m) => m.direction)}::text[], ${messages.map((m) => m.text)}::text[],
      ${messages.map((m) => m.content)}::jsonb[], ${messages.map((m) => m.wamid)}::text[],
      ${messages.map((m) => m.at)}::timestamptz[]) AS m`.execute(db);
}
