import { z } from 'zod';
import { parsePhone } from '../../../domain/phone';
import { anyCase } from '../../openapi/shapes';
import { isPlain, isStorable, isUuid, lengthOf, parse, requiredText } from './input';

/** Dexatel's documentation writes them in either case. */
const TYPES = ['text', 'image', 'video', 'document'] as const;
const MAX_RECIPIENTS = 10;
const TEXT_MAX = 1000;
const URL_MAX = 1000;
const FILENAME_MAX = 255;
const VARIABLES_MAX = 100;
/** WhatsApp's limit for the title of a reply button. */
const BUTTON_MAX = 20;
const PAYLOAD_MAX = 500;

const recipient = z
  .union([z.string(), z.int()], { error: 'recipient_invalid' })
  .transform((given, context) => {
    const phone = parsePhone(String(given));
    if (phone !== null) return phone;
    context.addIssue('recipient_invalid');
    return z.NEVER;
  });

const recipients = z
  .array(recipient, {
    error: ({ input }) =>
      input === undefined || input === null ? 'recipients_required' : 'recipient_invalid',
  })
  .min(1, { error: 'recipients_required' })
  .max(MAX_RECIPIENTS, { error: 'too_many_recipients' });

const template = z
  .string({ error: 'message_template_id_invalid' })
  .refine(isUuid, { error: 'message_template_id_invalid' })
  .transform((id) => id.toLowerCase());

const text = z
  .string({ error: 'message_text_invalid' })
  .refine(isStorable, { error: 'message_text_invalid' })
  .refine((given) => lengthOf(given) <= TEXT_MAX, { error: 'message_text_too_long' });

const value = z.union([z.string().refine(isStorable), z.number().transform(String)]);

/** In the order of the template's placeholders; by name is an extension. */
const variables = z.union(
  [
    z.array(value).max(VARIABLES_MAX),
    z
      .record(z.string(), value)
      .refine((values) => Object.keys(values).length <= VARIABLES_MAX, { error: 'too many' }),
  ],
  { error: 'template_variable_invalid' },
);

/** Whether WhatsApp could fetch it is looked at before the message goes out. */
const url = z
  .string({ error: 'message_media_invalid' })
  .max(URL_MAX, { error: 'message_media_invalid' })
  .refine(isUrl, { error: 'message_media_invalid' });

function isUrl(given: string): boolean {
  return isPlain(given) && /^https?:\/\/[^\s/]/i.test(given) && URL.canParse(given);
}

const mediaId = z
  .string({ error: 'message_media_invalid' })
  .regex(/^[\w.-]{1,128}$/, { error: 'message_media_invalid' });

const filename = z
  .string({ error: 'message_document_incomplete' })
  .refine((name) => name.trim() !== '' && isPlain(name) && lengthOf(name) <= FILENAME_MAX, {
    error: 'message_document_incomplete',
  });

const buttonText = z
  .string({ error: 'message_button_incomplete' })
  .transform((given) => given.trim())
  .refine((given) => given !== '' && isPlain(given) && lengthOf(given) <= BUTTON_MAX, {
    error: 'message_button_incomplete',
  });

const payload = z
  .string({ error: 'message_payload_invalid' })
  .refine((given) => isStorable(given) && lengthOf(given) <= PAYLOAD_MAX, {
    error: 'message_payload_invalid',
  });

export const messageSchema = z.object({
  channel: z
    .string({ error: 'channel_invalid' })
    .refine((given) => given.toUpperCase() === 'WHATSAPP', { error: 'channel_invalid' }),
  from: requiredText('message_sender_required', 'message_sender_invalid'),
  to: recipients,
  template: template.nullish(),
  variables: variables.nullish(),
  type: z
    .string({ error: 'message_type_required' })
    .meta(anyCase(TYPES))
    .transform((given) => given.toLowerCase())
    .pipe(z.enum(TYPES, { error: 'message_type_required' }))
    .nullish(),
  text: text.nullish(),
  url: url.nullish(),
  media_id: mediaId.nullish(),
  filename: filename.nullish(),
  button_type: z
    .string({ error: 'message_button_unsupported' })
    .refine((given) => given.toLowerCase() === 'quick_reply', {
      error: 'message_button_unsupported',
    })
    .meta(anyCase(['quick_reply']))
    .nullish(),
  button_text: buttonText.nullish(),
  payload: payload.nullish(),
});

export type GivenMessage = z.output<typeof messageSchema>;

export function parseGiven(data: unknown): GivenMessage {
  return parse(messageSchema, data);
}
