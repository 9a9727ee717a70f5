import { appendToInbox } from '../../db/webhookInbox';
import type { Db } from '../../db/connect';
import type { Conversation, Message } from '../../db/schema';
import { applyWebhooks } from '../../usecases/webhookRelay';
import type { World } from './build';

let counter = 0;

/** A wamid that no other message has. */
export const newWamid = (): string => `wamid.in${(counter += 1)}`;

export const seconds = (at: Date): string => String(Math.floor(at.getTime() / 1000));

export interface Customer {
  phone?: string;
  bsuid?: string;
  name?: string;
}

/** One message as the provider sends it; `message` overrides what a test cares about. */
export function inboundBody(
  world: World,
  { phone, bsuid, name }: Customer,
  message: Record<string, unknown>,
): object {
  const value = {
    messaging_product: 'whatsapp',
    metadata: { phone_number_id: world.sender.phone_number_id },
    ...(message.type !== 'system' && {
      contacts: [{ profile: { name }, wa_id: phone, user_id: bsuid }],
    }),
    messages: [
      {
        from: phone,
        from_user_id: bsuid,
        id: newWamid(),
        timestamp: seconds(new Date()),
        type: 'text',
        ...message,
      },
    ],
  };
  return change('messages', value);
}

export function change(field: string, value: object): object {
  return { object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field, value }] }] };
}

export const text = (body: string, at?: Date): Record<string, unknown> => ({
  type: 'text',
  text: { body },
  ...(at && { timestamp: seconds(at) }),
});

/** Appends the bodies as the hook does, and applies everything that waits. */
export async function deliver(db: Db, world: World, ...bodies: object[]): Promise<void> {
  await append(db, world, bodies);
  while ((await applyWebhooks(db)) > 0);
}

export async function append(db: Db, world: World, bodies: readonly object[]): Promise<void> {
  const entries = bodies.map((body) => ({
    senderId: world.sender.id,
    body: Buffer.from(JSON.stringify(body)),
  }));
  await appendToInbox(db, entries);
}

/** One sender's mail: what customers write to it, and what has become of that. */
export class Mail {
  constructor(
    private readonly db: Db,
    private readonly world: World,
  ) {}

  deliver(...bodies: object[]): Promise<void> {
    return deliver(this.db, this.world, ...bodies);
  }

  say(customer: Customer, ...messages: Record<string, unknown>[]): Promise<void> {
    return this.deliver(...messages.map((message) => inboundBody(this.world, customer, message)));
  }

  conversations(): Promise<Conversation[]> {
    return this.db
      .selectFrom('conversations')
      .selectAll()
      .where('sender_id', '=', this.world.sender.id)
      .orderBy('id')
      .execute();
  }

  /** The only one. */
  async conversation(): Promise<Conversation> {
    const all = await this.conversations();
    expect(all).toHaveLength(1);
    return all[0]!;
  }

  /** In the order in which they were written. */
  messages(): Promise<Message[]> {
    return this.db
      .selectFrom('messages')
      .selectAll()
      .where('sender_id', '=', this.world.sender.id)
      .orderBy('sent_at')
      .orderBy('id')
      .execute();
  }
}
