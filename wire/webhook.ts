import { z } from 'zod';
import { isBsuid } from '../domain/identity';
import type { JsonObject } from '../domain/json';
import type { DeliveryStatus } from '../domain/message';
import { parsePhone } from '../domain/phone';
import { providerCode } from './providerCode';
import { readTemplateUpdate, TEMPLATE_FIELDS, type TemplateUpdate } from './templateWebhook';

/**
 * Provider webhooks to domain updates. Reading is tolerant on purpose: a body that makes us fail would be
 * delivered again for days, so what cannot be read becomes `other` and nothing here throws.
 */
export type WebhookUpdate =
  StatusUpdate | InboundUpdate | TemplateUpdate | UserPreferenceUpdate | UserIdUpdate | OtherUpdate;

export interface StatusUpdate {
  kind: 'status';
  wamid: string;
  status: DeliveryStatus;
  /** The provider's timestamp, or the time of receipt where it gave none. */
  at: Date;
  /** E.164; null for users known by their business-scoped id alone. */
  recipientPhone: string | null;
  /** Our own reference of the message, echoed; null for messages that we did not send. */
  reference: string | null;
  errorCode: number | null;
  errorDetail: string | null;
  /** `pricing` and `conversation` as the provider has them; absent where it tells neither. */
  charge?: JsonObject;
  phoneNumberId: string | null;
}

export interface InboundUpdate {
  kind: 'inbound';
  wamid: string;
  /** E.164; null when the provider hides the number. */
  from: string | null;
  /** Business-scoped user id, `US.…`. */
  bsuid: string | null;
  at: Date;
  /** The provider's message type, also one that nobody knows yet. */
  type: string;
  profileName: string | null;
  /** The message this one answers. */
  contextWamid: string | null;
  phoneNumberId: string | null;
  /** The message as it came. */
  raw: Record<string, unknown>;
}

export interface UserPreferenceUpdate {
  kind: 'user_preference';
  phone: string | null;
  bsuid: string | null;
  category: string;
  /** `stop`, `resume` or `signup`. */
  value: string;
  at: Date;
  phoneNumberId: string | null;
}

/** A user got another business-scoped id; the old one is gone for good. */
export interface UserIdUpdate {
  kind: 'user_id';
  previous: string;
  current: string;
}

export interface OtherUpdate {
  kind: 'other';
  field: string;
  raw: unknown;
}

/** A string or a number as text; null for anything else, and for the empty string. */
const text = z
  .union([z.string(), z.number()])
  .transform((value) => (value === '' ? null : String(value)))
  .nullish()
  .transform((value) => value ?? null)
  .catch(null);
const requiredText = z.union([z.string().min(1), z.number()]).transform(String);
/** Most webhooks carry one list of four: an absent one must not be an error that is caught, which costs ten times more. */
const list = z
  .array(z.unknown())
  .default(() => [])
  .catch([]);
const record = z.record(z.string(), z.unknown());
const jsonObject = z.record(z.string(), z.json()).optional().catch(undefined);

const envelope = z.looseObject({ entry: list });
const entrySchema = z.looseObject({ id: text, time: text, changes: list });
const changeSchema = z.looseObject({ field: requiredText, value: record.catch({}) });
const messagesValue = z.looseObject({
  metadata: z.looseObject({ phone_number_id: text }).nullish().catch(null),
  contacts: list,
  messages: list,
  statuses: list,
  errors: list,
});

const errorSchema = z.looseObject({
  code: providerCode,
  title: text,
  message: text,
  error_data: z.looseObject({ details: text }).nullish().catch(null),
});
const statusSchema = z.looseObject({
  id: requiredText,
  status: z.string(),
  timestamp: text,
  recipient_id: text,
  biz_opaque_callback_data: text,
  pricing: jsonObject,
  conversation: jsonObject,
  errors: list,
});
const messageSchema = z.looseObject({
  id: requiredText,
  from: text,
  from_user_id: text,
  timestamp: text,
  type: text,
  context: z.looseObject({ id: text }).nullish().catch(null),
});
const contactSchema = z.looseObject({
  profile: z.looseObject({ name: text }).nullish().catch(null),
  wa_id: text,
  user_id: text,
});
const preferenceSchema = z.looseObject({
  wa_id: text,
  user_id: text,
  category: text,
  value: z.string(),
  timestamp: text,
});

const userIdSchema = z.looseObject({
  user_id: z.looseObject({ previous: requiredText, current: requiredText }),
});

/** What a status word means to us; words that are missing here (deleted, warning …) change nothing. */
const STATUS = new Map<string, DeliveryStatus>([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['played', 'read'],
  ['failed', 'failed'],
]);

interface Context {
  /** Of the entry; only those that are not about messages have one. */
  at: Date;
  phoneNumberId: string | null;
  wabaId: string | null;
  receivedAt: Date;
}

/**
 * All updates of one webhook body, in its order. Never throws; a body that is no webhook gives none.
 * `receivedAt` stands in where the provider sent no readable timestamp.
 */
export function parseWebhook(json: unknown, receivedAt = new Date()): WebhookUpdate[] {
  const body = envelope.safeParse(json);
  if (!body.success) return [];
  const updates: WebhookUpdate[] = [];
  for (const rawEntry of body.data.entry) {
    const entry = entrySchema.safeParse(rawEntry);
    if (!entry.success) continue;
    for (const rawChange of entry.data.changes) {
      const change = changeSchema.safeParse(rawChange);
      if (!change.success) continue;
      const at = timestamp(entry.data.time, receivedAt);
      const context = { phoneNumberId: null, wabaId: entry.data.id, receivedAt, at };
      readChange(change.data.field, change.data.value, context, updates);
    }
  }
  return updates;
}

function readChange(
  field: string,
  value: Record<string, unknown>,
  context: Context,
  updates: WebhookUpdate[],
): void {
  const shared = messagesValue.safeParse(value);
  const metadata = shared.success ? shared.data.metadata : null;
  const known = { ...context, phoneNumberId: metadata?.phone_number_id ?? null };
  const other = (raw: unknown): OtherUpdate => ({ kind: 'other', field, raw });

  if (field === 'messages' && shared.success) {
    const { statuses, messages, contacts, errors } = shared.data;
    for (const raw of statuses) updates.push(readStatus(raw, known) ?? other(raw));
    const people = messages.length > 0 ? readPeople(contacts) : [];
    for (const raw of messages) updates.push(readMessage(raw, people, known) ?? other(raw));
    for (const raw of errors) updates.push(other(raw));
  } else if (TEMPLATE_FIELDS.has(field)) {
    updates.push(readTemplateUpdate(field, value, context) ?? other(value));
  } else if (field === 'user_preferences') {
    const preferences = list.parse(value.user_preferences);
    for (const raw of preferences) updates.push(readPreference(raw, known) ?? other(raw));
  } else if (field === 'user_id_update') {
    for (const raw of list.parse(value.user_id_update)) updates.push(readUserId(raw) ?? other(raw));
  } else {
    updates.push(other(value));
  }
}

function readStatus(raw: unknown, context: Context): StatusUpdate | null {
  const parsed = statusSchema.safeParse(raw);
  const status = parsed.success ? STATUS.get(parsed.data.status.toLowerCase()) : undefined;
  if (!parsed.success || status === undefined) return null;
  const item = parsed.data;
  const first = item.errors.length > 0 ? firstError(item.errors) : null;
  const { pricing, conversation } = item;
  return {
    kind: 'status',
    wamid: item.id,
    status,
    at: timestamp(item.timestamp, context.receivedAt),
    recipientPhone: phone(item.recipient_id),
    reference: item.biz_opaque_callback_data,
    errorCode: first?.code ?? null,
    errorDetail: first?.error_data?.details ?? first?.message ?? first?.title ?? null,
    ...((pricing || conversation) && {
      charge: { ...(pricing && { pricing }), ...(conversation && { conversation }) },
    }),
    phoneNumberId: context.phoneNumberId,
  };
}

function firstError(errors: readonly unknown[]) {
  return errorSchema.safeParse(errors[0]).data ?? null;
}

type Person = z.output<typeof contactSchema>;

function readPeople(contacts: readonly unknown[]): Person[] {
  return contacts.flatMap((contact) => contactSchema.safeParse(contact).data ?? []);
}

/** Who wrote it, of those whom the webhook describes: a batch may bring messages of several people. */
function authorOf(
  { from, from_user_id }: z.output<typeof messageSchema>,
  people: readonly Person[],
): Person | undefined {
  const named = people.find(
    ({ wa_id, user_id }) =>
      (wa_id !== null && wa_id === from) || (user_id !== null && user_id === from_user_id),
  );
  return named ?? (people.length === 1 ? people[0] : undefined);
}

function readMessage(
  raw: unknown,
  people: readonly Person[],
  context: Context,
): InboundUpdate | null {
  const parsed = messageSchema.safeParse(raw);
  if (!parsed.success) return null;
  const item = parsed.data;
  const author = authorOf(item, people);
  return {
    kind: 'inbound',
    wamid: item.id,
    from: phone(item.from) ?? phone(author?.wa_id ?? null),
    bsuid: item.from_user_id ?? author?.user_id ?? bsuid(item.from) ?? bsuid(author?.wa_id ?? null),
    at: timestamp(item.timestamp, context.receivedAt),
    type: item.type ?? 'unknown',
    profileName: author?.profile?.name ?? null,
    contextWamid: item.context?.id ?? null,
    phoneNumberId: context.phoneNumberId,
    raw: record.parse(raw),
  };
}

function readPreference(raw: unknown, context: Context): UserPreferenceUpdate | null {
  const parsed = preferenceSchema.safeParse(raw);
  if (!parsed.success) return null;
  const item = parsed.data;
  return {
    kind: 'user_preference',
    phone: phone(item.wa_id),
    bsuid: item.user_id ?? bsuid(item.wa_id),
    category: item.category ?? 'marketing_messages',
    value: item.value.toLowerCase(),
    at: timestamp(item.timestamp, context.receivedAt),
    phoneNumberId: context.phoneNumberId,
  };
}

function readUserId(raw: unknown): UserIdUpdate | null {
  const parsed = userIdSchema.safeParse(raw);
  if (!parsed.success) return null;
  const { previous, current } = parsed.data.user_id;
  return { kind: 'user_id', previous, current };
}

/** Some payloads put a business-scoped id where a number belongs; that is no phone. */
function phone(value: string | null): string | null {
  return value === null ? null : parsePhone(value);
}

function bsuid(value: string | null): string | null {
  return value !== null && isBsuid(value) ? value : null;
}

/** Unix seconds, as text or number; ISO text appears in a few fields. */
function timestamp(value: string | null, fallback: Date): Date {
  if (value === null) return fallback;
  const seconds = Number(value);
  const date = new Date(Number.isFinite(seconds) ? seconds * 1000 : value);
  return Number.isNaN(date.getTime()) ? fallback : date;
}
