import type { SimulatedNumber } from './config';
import type { Identity } from './faults';
import { statusError } from './graphError';
import type { AcceptedMessage, MessageStatus } from './ledger';

/** One update on its way to the receiver. Bodies are built when they are sent, so that waiting ones stay small. */
export type Update =
  | {
      kind: 'status';
      message: AcceptedMessage;
      status: MessageStatus;
      at: number;
      code: number | null;
    }
  | { kind: 'value'; field: string; value: object; at: number };

export interface WebhookForm {
  /** How users are named. */
  identity: Identity;
  /** Statuses carry a conversation, as before v24. */
  conversation: boolean;
  bsuidOf(user: string): string;
}

/** `metadata` of every value of the field `messages`. */
export function metadata(number: SimulatedNumber): object {
  return { display_phone_number: number.phone, phone_number_id: number.phoneNumberId };
}

/** How a webhook names a user, given the names of the keys for number and id. */
export function userKeys(
  user: string,
  { identity, bsuidOf }: Pick<WebhookForm, 'identity' | 'bsuidOf'>,
  [phoneKey, bsuidKey]: readonly [string, string],
): Record<string, string> {
  const hasPhone = /^\d+$/.test(user);
  return {
    ...(hasPhone && identity !== 'bsuid' && { [phoneKey]: user }),
    ...((!hasPhone || identity !== 'phone') && { [bsuidKey]: bsuidOf(user) }),
  };
}

/**
 * The envelope of a batch. Failed statuses have a change of their own, because the real provider leaves
 * `contacts` out for them.
 */
export function webhookBody(number: SimulatedNumber, updates: Update[], form: WebhookForm): object {
  const changes: object[] = [];
  let open: { failed: boolean; contacts: object[]; statuses: object[] } | null = null;
  for (const update of updates) {
    if (update.kind === 'value') {
      open = null;
      changes.push({ field: update.field, value: update.value });
      continue;
    }
    const failed = update.status === 'failed';
    if (open === null || open.failed !== failed) {
      open = { failed, contacts: [], statuses: [] };
      changes.push(statusChange(number, open));
    }
    open.statuses.push(statusItem(update, form));
    if (!failed) open.contacts.push(recipientKeys(update.message, form, ['wa_id', 'user_id']));
  }
  const time = Math.floor((updates[0]?.at ?? 0) / 1000);
  const account = updates.some((update) => update.kind === 'value' && update.field !== 'messages')
    ? { time }
    : {};
  return {
    object: 'whatsapp_business_account',
    entry: [{ id: number.wabaId, ...account, changes }],
  };
}

function statusChange(
  number: SimulatedNumber,
  { failed, contacts, statuses }: { failed: boolean; contacts: object[]; statuses: object[] },
): object {
  return {
    field: 'messages',
    value: {
      messaging_product: 'whatsapp',
      metadata: metadata(number),
      ...(!failed && { contacts }),
      statuses,
    },
  };
}

/** Who sent to a number knows it: only what was addressed by id hides the number. */
function recipientKeys(
  message: AcceptedMessage,
  form: WebhookForm,
  keys: readonly [string, string],
): Record<string, string> {
  const shows = message.toBsuid === null && form.identity === 'bsuid' ? 'both' : form.identity;
  return userKeys(message.to, { ...form, identity: shows }, keys);
}

type StatusUpdate = Extract<Update, { kind: 'status' }>;

function statusItem({ message, status, at, code }: StatusUpdate, form: WebhookForm): object {
  const recipient = recipientKeys(message, form, ['recipient_id', 'recipient_user_id']);
  if (status === 'failed' && message.toBsuid === null) delete recipient.recipient_user_id;
  return {
    id: message.wamid,
    status,
    timestamp: String(Math.floor(at / 1000)),
    ...recipient,
    ...(message.reference !== null && { biz_opaque_callback_data: message.reference }),
    ...(form.conversation &&
      status !== 'failed' && { conversation: conversationOf(message, status) }),
    ...(tellsPrice(message, status) && { pricing: pricingOf(message) }),
    ...(code !== null && { errors: [statusError(code)] }),
  };
}

/** The expiration is told with `sent` alone. */
function conversationOf({ wamid, at, category }: AcceptedMessage, status: MessageStatus): object {
  const expires = Math.floor(at / 1000) + 24 * 3600;
  return {
    id: Buffer.from(wamid).toString('hex').slice(-32),
    ...(status === 'sent' && { expiration_timestamp: String(expires) }),
    origin: { type: category },
  };
}

/** With `sent`, and with the first that says that it has arrived. */
function tellsPrice({ skipsDelivered }: AcceptedMessage, status: MessageStatus): boolean {
  return status === 'sent' || status === (skipsDelivered ? 'read' : 'delivered');
}

function pricingOf({ category, inWindow }: AcceptedMessage): object {
  const free = category === 'service' || (category === 'utility' && inWindow);
  return {
    billable: !free,
    pricing_model: 'PMP',
    type: free ? 'free_customer_service' : 'regular',
    category,
  };
}
