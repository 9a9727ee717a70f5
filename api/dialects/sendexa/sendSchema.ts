import type { Request } from 'express';
import { z } from 'zod';
import { contentProblem } from '../../../domain/contentRules';
import { DomainError } from '../../../domain/errors';
import { mediaLinks } from '../../../domain/mediaLink';
import type { OutboundContent } from '../../../domain/message';
import type { CheckedMessage } from '../../../usecases/checkedSend';
import { commonInteractiveShape } from '../../../wire/interactiveShape';
import { templateShape } from '../../../wire/templateShape';
import { bodyOf, parse, phoneOf } from './input';
import { parseSendexaId } from '../../../wire/sendexaId';

/** Sendexa's libraries write `link`, its older pages `url`. */
const media = z
  .object({
    link: z.string().optional(),
    url: z.string().optional().meta({ description: 'The same as `link`.' }),
    caption: z.string().optional(),
    filename: z.string().optional(),
  })
  .refine(({ link, url }) => (link ?? url ?? '') !== '', { path: ['link'], error: 'is required' })
  .transform(({ link, url, ...rest }) => ({ link: (link ?? url)!, ...rest }));

const audio = media.refine(({ caption }) => caption === undefined, {
  path: ['caption'],
  error: 'is not possible for audio',
});

/** The language is an object at WhatsApp, and plain text on Sendexa's older pages. */
const template = z
  .looseObject({
    name: z.string(),
    language: z.union([z.string(), z.looseObject({ code: z.string() })]),
    components: z.array(z.unknown()).optional(),
  })
  .transform(({ language, ...rest }) => ({
    ...rest,
    language: typeof language === 'string' ? { code: language } : language,
  }))
  .pipe(templateShape);

const common = {
  to: z.string().meta({ description: 'E.164, with or without a plus.', example: '233244000000' }),
  context: z
    .object({ message_id: z.string().min(1) })
    .optional()
    .meta({ description: 'The message this one answers: a wamid, or our id of a message.' }),
};

const text = z.object({ body: z.string(), preview_url: z.boolean().optional() });

export const sendSchema = z.discriminatedUnion('type', [
  z.object({ ...common, type: z.literal('text'), text }),
  z.object({ ...common, type: z.literal('image'), image: media }),
  z.object({ ...common, type: z.literal('video'), video: media }),
  z.object({ ...common, type: z.literal('audio'), audio }),
  z.object({ ...common, type: z.literal('document'), document: media }),
  z.object({
    ...common,
    type: z.literal('interactive'),
    interactive: commonInteractiveShape,
  }),
  z.object({ ...common, type: z.literal('template'), template }),
]);

type SendBody = z.output<typeof sendSchema>;

/** Throws `recipient_invalid` (WA001), `message_media_invalid` (WA004), or what is wrong with the request. */
export function parseSend(request: Request): CheckedMessage {
  const given = bodyOf(request);
  if ('to' in given) phoneOf(given.to);
  const body = parse(sendSchema, given);
  const content = contentOf(body);
  refuseOtherLinks(content);
  const problem = contentProblem(content);
  if (problem !== null) throw new DomainError('invalid_request', problem.details);
  return { to: phoneOf(body.to), content, context: contextOf(body) };
}

/** A link that is none is a matter of the media here, and not of the request. */
function refuseOtherLinks(content: OutboundContent): void {
  const other = mediaLinks(content).find(({ link }) => !/^https?:\/\/[^/]/i.test(link));
  if (other === undefined) return;
  throw new DomainError(
    'message_media_invalid',
    `The ${other.kind} link must be an https address.`,
  );
}

function contentOf(body: SendBody): OutboundContent {
  switch (body.type) {
    case 'text': {
      const { body: words, preview_url: previewUrl } = body.text;
      return { type: 'text', body: words, ...(previewUrl !== undefined && { previewUrl }) };
    }
    case 'image':
      return withCaption(body.type, body.image);
    case 'video':
      return withCaption(body.type, body.video);
    case 'audio':
      return { type: 'audio', link: body.audio.link };
    case 'document': {
      const { link, caption, filename } = body.document;
      return { type: 'document', link, caption, filename };
    }
    case 'interactive':
      return body.interactive;
    case 'template':
      return body.template;
  }
}

function withCaption(
  type: 'image' | 'video',
  { link, caption }: z.output<typeof media>,
): OutboundContent {
  return { type, link, ...(caption !== undefined && { caption }) };
}

function contextOf({ context }: SendBody): CheckedMessage['context'] {
  if (context === undefined) return null;
  const messageId = parseSendexaId('exa_wa', context.message_id);
  return messageId === null ? { wamid: context.message_id } : { messageId };
}
