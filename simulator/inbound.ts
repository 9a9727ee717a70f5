import { z } from 'zod';
import { parsePhone, phoneDigits } from '../domain/phone';
import type { SimulatedNumber } from './config';
import { contentOf, opensWindow } from './inboundContent';
import { metadata, userKeys } from './webhookBody';
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
  /** The message this one answers; whose it was is filled in. */
  context: z.looseObject({ id: z.string().optional() }).optional(),
  /** How this webhook names the customer; absent: as the fault `identity` says. */
  identity: z.enum(['phone', 'both', 'bsuid']).optional(),
});
type Inbound = z.infer<typeof inboundSchema>;

const ENVELOPE_KEYS = new Set([
  'from',
  'to',
  'type',
  'timestamp',
  'id',
  'profile_name',
  'context',
  'identity',
]);

interface Customer {
  number: SimulatedNumber;
  user: string;
  /** How a webhook names the customer, under these keys. */
  keys: (names: readonly [string, string]) => Record<string, string>;
}

/**
 * Lets a customer write to a number and tells its receiver. A type of `user_preferences` with
 * `value: "stop" | "resume"` is the marketing switch instead of a message. Throws an Error with a sentence
 * for what cannot be.
 */
export function receive(world: World, body: unknown): { id: string; blocked?: true } {
  const inbound = inboundSchema.parse(body);
  const customer = customerOf(world, inbound);
  const { number, user } = customer;
  if (inbound.type === 'user_preferences') return prefer(world, customer, inbound);

  const id = inbound.id ?? world.nextWamid('inbound', user);
  if (world.isBlocked(number, user)) return { id, blocked: true };
  const seconds = inbound.timestamp ?? Math.floor(world.now() / 1000);
  if (opensWindow(inbound.type)) world.customerWrote(number, user, seconds * 1000);
  const { context } = inbound;
  const message = {
    ...customer.keys(['from', 'from_user_id']),
    id,
    timestamp: String(seconds),
    type: inbound.type,
    ...(context !== undefined && {
      context: context.id === undefined ? context : { from: number.phone, ...context },
    }),
    ...contentOf(world, number, inbound.type, contentKeys(inbound)),
  };
  const knownName = world.inbox.nameOf(number.phoneNumberId, user);
  const profileName = inbound.profile_name ?? knownName ?? 'Simulated customer';
  world.inbox.add({
    id,
    phoneNumberId: number.phoneNumberId,
    user,
    profileName,
    at: inbound.timestamp === undefined ? world.now() : seconds * 1000,
    message,
  });
  const contact = { profile: { name: profileName }, ...customer.keys(['wa_id', 'user_id']) };
  // What WhatsApp itself says about a customer comes without contacts.
  const contacts = inbound.type === 'system' ? {} : { contacts: [contact] };
  push(world, number, 'messages', { ...contacts, messages: [message] });
  return { id };
}

function customerOf(world: World, inbound: Inbound): Customer {
  const number = world.byAddress(addressOf(inbound.to));
  if (number === undefined) throw new Error(`No number ${inbound.to} is registered.`);
  const user = world.users.userOf(addressOf(inbound.from));
  const identity = inbound.identity ?? world.faults.identity;
  const bsuidOf = (one: string) => world.users.bsuidOf(world.portfolioOf(number), one);
  return { number, user, keys: (names) => userKeys(user, { identity, bsuidOf }, names) };
}

/** Digits of a number however it is written; ids stay as they are. */
export function addressOf(text: string): string {
  const phone = parsePhone(text);
  return phone === null ? text : phoneDigits(phone);
}

function contentKeys(inbound: Inbound): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inbound).filter(([key]) => !ENVELOPE_KEYS.has(key)));
}

function push(world: World, number: SimulatedNumber, field: string, value: object): void {
  world.webhooks.push(number, {
    kind: 'value',
    field,
    at: world.now(),
    value: { messaging_product: 'whatsapp', metadata: metadata(number), ...value },
  });
}

function prefer(world: World, { number, user, keys }: Customer, inbound: Inbound): { id: string } {
  const value = z.enum(['stop', 'resume', 'signup']).parse(inbound.value);
  world.preferMarketing(number, user, value !== 'stop');
  const identity = keys(['wa_id', 'user_id']);
  push(world, number, 'user_preferences', {
    contacts: [identity],
    user_preferences: [
      {
        ...identity,
        detail: `The user asked to ${value} marketing messages`,
        category: 'marketing_messages',
        value,
        timestamp: inbound.timestamp ?? Math.floor(world.now() / 1000),
      },
    ],
  });
  return { id: '' };
}
