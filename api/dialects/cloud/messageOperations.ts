import { z } from 'zod';
import { graphErrorSchema } from '../../../wire/graphError';
import { MESSAGE_SHAPES } from '../../../wire/messageShape';
import { json, operations, type Operations } from '../../openapi/operation';
import { numberParams, ofNumber, PROVIDER_ERRORS, REFUSALS, success } from './describe';
import { wrappedSchema } from './errors';
import type { Place } from './place';

const { text, image, video, audio, document, sticker, location, contacts, reaction } =
  MESSAGE_SHAPES;

const addressed = {
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.literal('individual').optional(),
  to: z
    .union([z.string(), z.int()])
    .optional()
    .meta({ description: 'A number in any formatting, with its country code.' }),
  recipient: z
    .string()
    .optional()
    .meta({ description: 'A business-scoped user id, in place of `to`.' }),
  context: z
    .object({ message_id: z.string() })
    .optional()
    .meta({ description: 'The message that this one answers.' }),
  biz_opaque_callback_data: z
    .string()
    .max(512)
    .optional()
    .meta({ description: 'Echoed in every status.' }),
};

const template = z.looseObject({
  name: z.string(),
  language: z.looseObject({ code: z.string() }),
  components: z.array(z.looseObject({})).optional(),
});

const message = z
  .object({
    ...addressed,
    type: z.enum(Object.keys(MESSAGE_SHAPES)).optional().meta({ description: '`text` if absent.' }),
    text: text.optional(),
    image: image.optional(),
    video: video.optional(),
    audio: audio.optional(),
    document: document.optional(),
    sticker: sticker.optional(),
    location: location.optional(),
    contacts: contacts.optional(),
    reaction: reaction.optional(),
    interactive: z.looseObject({ type: z.string() }).optional(),
    template: template.optional(),
  })
  .meta({ description: 'A message; what it says is under the key of its type.' });

const readMark = z
  .object({
    messaging_product: z.literal('whatsapp'),
    status: z.literal('read'),
    message_id: z.string(),
    typing_indicator: z.object({ type: z.literal('text') }).optional(),
  })
  .meta({ description: 'Shows a received message, and those before it, as read.' });

const marketingMessage = z.object({
  ...addressed,
  type: z.literal('template'),
  template,
  message_activity_sharing: z.boolean().optional(),
  product_policy: z.enum(['CLOUD_API_FALLBACK', 'STRICT']).optional(),
});

const sent = z
  .object({
    messaging_product: z.literal('whatsapp'),
    contacts: z.array(
      z.object({ input: z.string(), wa_id: z.string().optional(), user_id: z.string().optional() }),
    ),
    messages: z.array(
      z.object({
        id: z.string(),
        message_status: z.enum(['accepted', 'held_for_quality_assessment']).optional(),
      }),
    ),
  })
  .meta({ id: 'CloudSent' });

export type SentAnswer = z.output<typeof sent>;

const marketingRefusal = z.union([graphErrorSchema, wrappedSchema]);
const MARKETING_REFUSALS = {
  404: json(marketingRefusal, 'For example `132001`'),
  503: json(marketingRefusal, 'For example `133004`'),
};

export const messageOperations = (place: Place): Operations =>
  operations(
    'Cloud API messages',
    ofNumber(place, {
      'POST /messages': {
        summary: 'Send a message',
        description:
          'Answers when the provider has taken the message, or after ten seconds. What a message says is checked as ' +
          'strictly as WhatsApp does. A text to somebody whose window is closed is taken, and fails with 131047.',
        scope: 'messages:write',
        params: numberParams,
        body: json(z.union([message, readMark])),
        idempotent: true,
        answers: { 200: json(z.union([sent, success])), ...REFUSALS },
        errors: PROVIDER_ERRORS,
      },
      'POST /marketing_messages': {
        summary: 'Send a marketing message',
        description:
          "Through the provider's API for marketing messages, which takes templates alone.",
        scope: 'messages:write',
        params: numberParams,
        body: json(marketingMessage),
        idempotent: true,
        answers: { 200: json(sent), ...MARKETING_REFUSALS },
        errors: PROVIDER_ERRORS,
      },
    }),
  );
