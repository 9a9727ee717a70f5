import { z } from 'zod';
import { EMPTY, operations } from '../../openapi/operation';
import { dateTime } from './date';
import { accountLink, channelFilter, data, list, nullableText, pageQuery } from './describe';
import { ENCODINGS } from './encoding';
import { messageSchema } from './messageSchema';
import { STATUS_NAMES } from './messageStatus';

const messageId = z.string().meta({
  description: 'A uuid; of what a campaign sent: `c.<campaign>.<position>`, as in webhooks.',
});

const message = z
  .object({
    id: messageId,
    account_id: z.guid(),
    text: nullableText.meta({ description: 'Of a template: as the customer reads its body.' }),
    from: z.string().meta({ description: 'The name of the sender, or the number of a customer.' }),
    to: z.array(z.string()).length(1),
    channel: z.string(),
    status: z.enum(STATUS_NAMES),
    segments_count: z.literal(1).meta({ description: 'WhatsApp does not cut texts.' }),
    encoding: z.enum(ENCODINGS),
    type: z.string().meta({ description: '`template` for templates.' }),
    url: nullableText,
    variables: z.array(z.string()).meta({ description: 'What filled a template.' }),
    schedule: z.null(),
    template_id: z.guid().nullable(),
    create_date: dateTime,
    update_date: dateTime,
    sender: z.object({ id: z.guid(), name: z.string(), code: z.string() }),
    direction: z.enum(['MT', 'MO']).meta({ description: 'MT went out, MO came in.' }),
    source: z.literal('API').nullable(),
    country: nullableText.meta({ description: "ISO code, by the customer's number." }),
    links: z.object({ self: z.string(), account: accountLink, template: nullableText }),
    payload: nullableText,
    error_code: z.int().nullable().meta({ description: "WhatsApp's, of a failed message." }),
  })
  .meta({ id: 'DexatelMessage' });

export type MessageAnswer = z.output<typeof message>;

const ONE = ['message_not_found', 'message_id_invalid'] as const;

const commaList = (description: string) => z.string().optional().meta({ description });

export const messageOperations = operations('Messages', {
  'GET /v1/messages': {
    summary: 'List messages',
    description:
      'Sent and received, newest first. What campaigns sent is listed with the campaign.',
    scope: 'messages:read',
    query: z.object({
      'filter[channel]': channelFilter,
      'filter[direction]': z.enum(['MT', 'MO']).optional(),
      'filter[statuses]': commaList(`Of ${STATUS_NAMES.join(', ')}; SEEN is read.`),
      'filter[sender_ids]': commaList('Ids of senders.'),
      'filter[from]': z
        .string()
        .optional()
        .meta({ description: 'A number, or a name of a sender.' }),
      'filter[to]': z.string().optional().meta({ description: 'A number, or a name of a sender.' }),
      'filter[to_prefix]': z.string().optional().meta({ description: 'First digits of a number.' }),
      'filter[countries]': commaList("ISO codes of the countries that customers' numbers are of."),
      'filter[created_date_start]': dateTime.optional(),
      'filter[created_date_end]': dateTime.optional(),
      ...pageQuery.shape,
    }),
    answers: { 200: list(message) },
    errors: ['channel_invalid'],
  },
  'POST /v1/messages': {
    summary: 'Send a message',
    description:
      'To up to 10 recipients: to all, or to nobody. Waits some seconds for WhatsApp to take it, and is `enroute` then; ' +
      "what still waits is `sent`, Dexatel's word for queued. A template wins over `type`, `text` and buttons; `url` " +
      'or `media_id` then fill its header.',
    scope: 'messages:write',
    body: data(messageSchema),
    idempotent: true,
    answers: { 201: data(z.array(message)) },
    errors: [
      'channel_invalid',
      'message_sender_required',
      'message_sender_invalid',
      'message_sender_unknown',
      'sender_blocked',
      'recipients_required',
      'too_many_recipients',
      'recipient_invalid',
      'recipient_blocked',
      'message_type_required',
      'message_text_required',
      'message_text_invalid',
      'message_text_too_long',
      'message_template_id_invalid',
      'message_template_unknown',
      'message_template_not_approved',
      'template_variable_missing',
      'template_variable_too_long',
      'template_variable_invalid',
      'template_header_required',
      'template_header_invalid',
      'message_media_required',
      'message_media_invalid',
      'message_document_incomplete',
      'message_button_unsupported',
      'message_button_incomplete',
      'message_payload_invalid',
      'outside_service_window',
    ],
  },
  'GET /v1/messages/:id': {
    summary: 'Get a message',
    params: z.object({ id: messageId }),
    scope: 'messages:read',
    answers: { 200: data(message) },
    errors: ONE,
  },
  'DELETE /v1/messages/:id': {
    summary: 'Delete a message',
    description: 'One that waits is never sent; one that WhatsApp has cannot be taken back.',
    scope: 'messages:write',
    answers: { 204: EMPTY },
    errors: ONE,
  },
});
