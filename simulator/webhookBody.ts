import type { DeliveryStatus } from '../domain/message';
import type { SimulatedNumber } from './config';
import { statusError } from './graphError';
import type { AcceptedMessage } from './ledger';

/** One update on its way to the receiver. Bodies are built when they are sent, so that waiting ones stay small. */
export type Update =
  | {
      kind: 'status';
      message: AcceptedMessage;
      status: DeliveryStatus;
      at: number;
      code: number | null;
    }
  | { kind: 'value'; field: string; value: object; at: number };

/** `metadata` of every value of the field `messages`. */
export function metadata(number: SimulatedNumber): object {
  return { display_phone_number: number.phone, phone_number_id: number.phoneNumberId };
}

/**
 * The envelope of a batch. Failed statuses have a change of their own, because the real provider leaves
 * `contacts` out for them.
 */
export function webhookBody(number: SimulatedNumber, updates: Update[]): object {
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
    open.statuses.push(statusItem(update));
    if (!failed) open.contacts.push({ wa_id: update.message.to });
  }
  const time = Math.floor((updates[0]?.at ?? 0) / 1000);
  const account = updates.some(({ kind }) => kind === 'value') ? { time } : {};
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

function statusItem({ message, status, at, code }: Extract<Update, { kind: 'status' }>): object {
  const category = message.marketing
    ? 'marketing'
    : message.template === null
      ? 'service'
      : 'utility';
  const priced = status === 'sent' || status === 'delivered';
  return {
    id: message.wamid,
    status,
    timestamp: String(Math.floor(at / 1000)),
    recipient_id: message.to,
    ...(message.reference !== null && { biz_opaque_callback_data: message.reference }),
    ...(priced && {
      pricing: {
        billable: category !== 'service',
        pricing_model: 'PMP',
        type: category === 'service' ? 'free_customer_service' : 'regular',
        category,
      },
    }),
    ...(code !== null && { errors: [statusError(code)] }),
  };
}
