import { z } from 'zod';
import type { SimulatedNumber } from './config';
import type { World } from './world';

/** The content of customers' messages. What is known is checked, so that a slip shows here and not in a receiver. */

const text = z.string();
const mediaSchema = z.looseObject({
  /** A file that the provider knows, or that expired. Absent: one is made. */
  id: text.optional(),
  mime_type: text.optional(),
  /** The bytes, in base64. Absent: a sample. */
  data: z.base64().optional(),
  filename: text.optional(),
});
type Media = z.infer<typeof mediaSchema>;

const replySchema = z.looseObject({ id: text, title: text });

/** By type of message: what stands under the key of the same name. */
const CONTENTS: Readonly<Record<string, z.ZodType>> = {
  text: z.union([
    z.looseObject({ body: text }),
    // Short for the above.
    text.transform((body) => ({ body })),
  ]),
  location: z.looseObject({ latitude: z.number(), longitude: z.number() }),
  contacts: z.array(z.looseObject({ name: z.looseObject({}) })),
  order: z.looseObject({ catalog_id: text, product_items: z.array(z.looseObject({})) }),
  reaction: z.looseObject({ message_id: text, emoji: text.optional() }),
  button: z.looseObject({ text, payload: text.optional() }),
  interactive: z.discriminatedUnion('type', [
    z.looseObject({ type: z.literal('button_reply'), button_reply: replySchema }),
    z.looseObject({ type: z.literal('list_reply'), list_reply: replySchema }),
    z.looseObject({
      type: z.literal('nfm_reply'),
      nfm_reply: z.looseObject({
        // An object is short for its JSON.
        response_json: z.union([
          text,
          z.record(text, z.json()).transform((answers) => JSON.stringify(answers)),
        ]),
      }),
    }),
  ]),
  system: z.looseObject({
    type: z.enum(['user_changed_number', 'user_changed_user_id', 'customer_identity_changed']),
    body: text.default('The customer has changed.'),
  }),
  edit: z.looseObject({ original_message_id: text, message: z.looseObject({ type: text }) }),
  revoke: z.looseObject({ original_message_id: text }),
};

const MEDIA: Readonly<Record<string, { mimeType: string; sample: Buffer }>> = {
  image: {
    mimeType: 'image/png',
    sample: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    ),
  },
  sticker: {
    mimeType: 'image/webp',
    sample: Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64'),
  },
  video: { mimeType: 'video/mp4', sample: Buffer.from('simulated video') },
  audio: { mimeType: 'audio/ogg; codecs=opus', sample: Buffer.from('simulated voice message') },
  document: { mimeType: 'application/pdf', sample: Buffer.from('%PDF-1.4 simulated') },
};

/** What is said about a customer, and what is taken back or put right, opens no window. */
const UNSPOKEN = new Set(['system', 'edit', 'revoke']);

export function opensWindow(type: string): boolean {
  return !UNSPOKEN.has(type);
}

/**
 * The keys of a message beside its envelope. Types that nobody knows yet pass as they are. Throws for a known one that
 * lacks what it needs.
 */
export function contentOf(
  world: World,
  number: SimulatedNumber,
  type: string,
  given: Readonly<Record<string, unknown>>,
): object {
  if (Object.hasOwn(MEDIA, type)) {
    const media = mediaSchema.parse(given[type] ?? {});
    return { ...given, [type]: storedMedia(world, number, type, media) };
  }
  if (type === 'unsupported') return { errors: [UNSUPPORTED], ...given };
  const schema = CONTENTS[type];
  return schema === undefined ? given : { ...given, [type]: schema.parse(given[type]) };
}

const UNSUPPORTED = {
  code: 131051,
  title: 'Message type unknown',
  message: 'Message type unknown',
  error_data: { details: 'Message type is currently not supported.' },
};

/** A file as its webhook names it: kept for a week, to be fetched by its id. */
function storedMedia(world: World, number: SimulatedNumber, type: string, given: Media): object {
  const { data, ...rest } = given;
  const { mimeType, sample } = MEDIA[type]!;
  if (given.id !== undefined) return { mime_type: mimeType, ...rest };
  const bytes = data === undefined ? sample : Buffer.from(data, 'base64');
  const stored = world.media.add(
    number,
    { mimeType: given.mime_type ?? mimeType, filename: given.filename ?? null, bytes },
    'received',
    world.now(),
  );
  return {
    mime_type: stored.mimeType,
    sha256: Buffer.from(stored.sha256, 'hex').toString('base64'),
    id: stored.id,
    ...(type === 'audio' && { voice: true }),
    ...(type === 'sticker' && { animated: false }),
    ...rest,
  };
}
