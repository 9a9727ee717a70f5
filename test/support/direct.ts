import { DateTime } from 'luxon';
import type { Db } from '../../db/connect';
import type { Deps } from '../../usecases/deps';
import { sendMessages, type DirectMessage } from '../../usecases/message';
import type { World } from './build';

/** Opens the customer service window of the world's sender and a number, as an inbound message at `at` would. */
export async function openWindow(
  db: Db,
  world: World,
  phone: string,
  at: Date = new Date(),
): Promise<string> {
  const contact = await db
    .insertInto('contacts')
    .values({ account_id: world.accountId, phone })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'phone']).doUpdateSet({ updated_at: at }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  const window = {
    last_inbound_at: at,
    window_closes_at: DateTime.fromJSDate(at).plus({ hours: 24 }).toJSDate(),
    window_open: true,
  };
  const { id } = await db
    .insertInto('conversations')
    .values({
      account_id: world.accountId,
      sender_id: world.sender.id,
      contact_id: contact.id,
      window_number: 1,
      ...window,
    })
    .onConflict((conflict) => conflict.columns(['sender_id', 'contact_id']).doUpdateSet(window))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export const text = (phone: string, body: string): DirectMessage => ({
  recipient: { phone, bsuid: null },
  content: { type: 'text', body },
  text: body,
});

/** Queues texts as the API does. */
export function sendTexts(
  deps: Pick<Deps, 'db' | 'clock' | 'deliverSignals'>,
  world: World,
  phone: string,
  ...bodies: string[]
): Promise<string[]> {
  const messages = bodies.map((body) => text(phone, body));
  return sendMessages(deps, world.sender, messages);
}

export interface MessageState {
  status: string;
  reason: string | null;
  wamid: string | null;
}

export async function messageStates(db: Db, ids: readonly string[]): Promise<MessageState[]> {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'status', 'reason', 'wamid'])
    .where('id', 'in', [...ids])
    .execute();
  return ids.map((id) => {
    const { status, reason, wamid } = rows.find((row) => row.id === id)!;
    return { status, reason, wamid };
  });
}
