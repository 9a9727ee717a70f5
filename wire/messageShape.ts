import { z } from 'zod';
import type { OutboundContent } from '../domain/message';
import { contactsShape } from './contactsShape';
import { interactiveShape } from './interactiveShape';
import { locationShape } from './placeShape';
import { templateShape } from './templateShape';

/**
 * What stands under the key of each message type in `POST …/messages`, to the domain's content. As strict as Graph: an
 * unknown key is refused wherever it stands. Limits are not here but in `domain/contentRules.ts`.
 */

const optional = z.string().optional();
const source = { id: optional, link: optional };

const textShape = z
  .strictObject({ body: z.string(), preview_url: z.boolean().optional() })
  .transform(({ body, preview_url: previewUrl }): OutboundContent => ({
    type: 'text',
    body,
    ...(previewUrl !== undefined && { previewUrl }),
  }));

const imageShape = z
  .strictObject({ ...source, caption: optional })
  .transform((media): OutboundContent => ({ type: 'image', ...media }));
const videoShape = z
  .strictObject({ ...source, caption: optional })
  .transform((media): OutboundContent => ({ type: 'video', ...media }));
const audioShape = z
  .strictObject({ ...source, voice: z.boolean().optional() })
  .transform((media): OutboundContent => ({ type: 'audio', ...media }));
const documentShape = z
  .strictObject({ ...source, caption: optional, filename: optional })
  .transform((media): OutboundContent => ({ type: 'document', ...media }));
const stickerShape = z
  .strictObject(source)
  .transform((media): OutboundContent => ({ type: 'sticker', ...media }));

const reactionShape = z
  .strictObject({ message_id: z.string(), emoji: z.string() })
  .transform(({ message_id: wamid, emoji }): OutboundContent => ({
    type: 'reaction',
    wamid,
    emoji,
  }));

/** By type of message, in the order in which Graph lists them. */
export const MESSAGE_SHAPES: Readonly<Record<OutboundContent['type'], z.ZodType<OutboundContent>>> =
  {
    audio: audioShape,
    contacts: contactsShape,
    document: documentShape,
    image: imageShape,
    interactive: interactiveShape,
    location: locationShape.transform((place) => ({ type: 'location' as const, ...place })),
    reaction: reactionShape,
    sticker: stickerShape,
    template: templateShape,
    text: textShape,
    video: videoShape,
  };
