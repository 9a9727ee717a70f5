import { DEVELOPMENT } from '../stack/developmentData';

interface CustomersMessage {
  /** Number of the customer, without a plus. */
  from: string;
  wamid: string;
  /** By the provider's clock (milliseconds since the epoch). */
  at: number;
}

/** What Meta posts when a customer writes to the development number. */
export function inboundWebhook({ from, wamid, at }: CustomersMessage): object {
  return messagesWebhook({
    contacts: [{ profile: { name: `Customer ${from}` }, wa_id: from }],
    messages: [
      {
        from,
        id: wamid,
        timestamp: String(Math.floor(at / 1000)),
        type: 'text',
        text: { body: 'Where is my order?' },
      },
    ],
  });
}

export function statusWebhook(statuses: readonly object[]): object {
  return messagesWebhook({ statuses });
}

function messagesWebhook(more: object): object {
  const metadata = { phone_number_id: DEVELOPMENT.phoneNumberId };
  const value = { messaging_product: 'whatsapp', metadata, ...more };
  return {
    object: 'whatsapp_business_account',
    entry: [{ id: DEVELOPMENT.wabaId, changes: [{ field: 'messages', value }] }],
  };
}
