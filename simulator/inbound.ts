import { z } from 'zod';
import { phoneDigits } from '../domain/phone';
import type { SimulatedNumber } from './config';
import { metadata } from './webhookBody';
import type { World } from './world';

/** What a customer does, told through the control API. */
const inboundSchema = z.looseObject({
  /** The customer's number, or a business-scoped user id. */
  from: z.string().min(1),
  /** The business number: its phone or its phone_number_id. */
  to: z.string().min(1),
  type: z.string().min(1).default('text'),
  /** Unix seconds; absent: now. An old one opens no window. */
  timestamp: z.coerce.number().int().positive().optional(),
  id: z.string().min(1).optional(),
  profile_name: z.string().optional(),
  context: z.looseObject({}).optional(),
});
type Inbound = z.infer<typeof inboundSchema>;

const ENVELOPE_KEYS = new Set(['from', 'to', 'type', 'timestamp', 'id', 'profile_name', 'context']);

/**
 * Lets a customer write to a number and tells its receiver. A type of `user_preferences` with
 * `value: "stop" | "resume"` is the marketing switch instead of a message. Throws an Error with a sentence
 * for what cannot be.
 */
export function receive(world: World, body: unknown): { id: string } {
  const inbound = inboundSchema.parse(body);
  const digits = phoneDigits(inbound.to);
  const number = [...world.numbers.values()].find(
    ({ phone, phoneNumberId }) => phone === digits || phoneNumberId === inbound.to,
  );
  if (number === undefined) throw new Error(`No number ${inbound.to} is registered.`);
  const user = phoneDigits(inbound.from);
  if (inbound.type === 'user_preferences') return prefer(world, number, user, inbound);

  const id = inbound.id ?? world.nextWamid('inbound', user);
  const seconds = inbound.timestamp ?? Math.floor(world.now() / 1000);
  world.customerWrote(number, user, seconds * 1000);
  const identity = isPhone(user) ? { wa_id: user } : { user_id: user };
  const message = {
    ...(isPhone(user) ? { from: user } : { from_user_id: user }),
    id,
    timestamp: String(seconds),
    type: inbound.type,
    ...(inbound.context !== undefined && { context: inbound.context }),
    ...contentOf(inbound),
  };
  world.webhooks.push(number, {
    kind: 'value',
    field: 'messages',
    at: world.now(),
    value: {
      messaging_product: 'whatsapp',
      metadata: metadata(number),
      contacts: [{ profile: { name: inbound.profile_name ?? 'Simulated customer' }, ...identity }],
      messages: [message],
    },
  });
  return { id };
}

/** `{type: 'text', text: 'Hi'}` is short for `{type: 'text', text: {body: 'Hi'}}`; other keys pass as they are. */
function contentOf(inbound: Inbound): object {
  const { type } = inbound;
  const content = Object.entries(inbound).filter(([key]) => !ENVELOPE_KEYS.has(key));
  return Object.fromEntries(
    content.map(([key, value]) => [
      key,
      key === 'text' && type === 'text' && typeof value === 'string' ? { body: value } : value,
    ]),
  );
}

function prefer(
  world: World,
  number: SimulatedNumber,
  user: string,
  inbound: Inbound,
): { id: string } {
  const value = z.enum(['stop', 'resume']).parse(inbound.value);
  world.preferMarketing(number, user, value === 'resume');
  world.webhooks.push(number, {
    kind: 'value',
    field: 'user_preferences',
    at: world.now(),
    value: {
      messaging_product: 'whatsapp',
      metadata: metadata(number),
      contacts: [{ wa_id: user }],
      user_preferences: [
        {
          wa_id: user,
          detail: `The user asked to ${value} marketing messages`,
          category: 'marketing_messages',
          value,
          timestamp: inbound.timestamp ?? Math.floor(world.now() / 1000),
        },
      ],
    },
  });
  return { id: '' };
}

function isPhone(user: string): boolean {
  return /^\d+$/.test(user);
}
