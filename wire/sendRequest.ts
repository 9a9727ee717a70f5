import { z } from 'zod';
import { contentProblem } from '../domain/contentRules';
import { isBsuid } from '../domain/identity';
import type { ContentType, OutboundContent } from '../domain/message';
import { parsePhone } from '../domain/phone';
import { MESSAGE_SHAPES } from './messageShape';
import { invalidParameter, shapeProblem, type RequestProblem } from './requestProblem';

/** What `POST …/messages` asks for. */
export type SendRequest =
  | {
      kind: 'message';
      /** E.164, or a business-scoped user id. */
      to: string;
      /** The recipient as the caller wrote it, which the answer repeats. */
      input: string;
      toGroup: boolean;
      /** `biz_opaque_callback_data`. */
      reference: string | null;
      contextWamid: string | null;
      activitySharing: boolean | null;
      content: OutboundContent;
    }
  | { kind: 'read'; wamid: string; typing: boolean };

const REFERENCE_LENGTH = 512;

/** Everything but the content. */
const envelope = z.strictObject({
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.enum(['individual', 'group']).default('individual'),
  to: z.union([z.string(), z.number().int().positive()]).transform(String).optional(),
  recipient: z.string().optional(),
  type: z.string().optional(),
  context: z.strictObject({ message_id: z.string() }).optional(),
  biz_opaque_callback_data: z.string().optional(),
  /** These two are of the API for marketing messages. */
  message_activity_sharing: z.boolean().optional(),
  product_policy: z.enum(['CLOUD_API_FALLBACK', 'STRICT']).optional(),
});

const readMark = z.strictObject({
  messaging_product: z.literal('whatsapp'),
  status: z.literal('read'),
  message_id: z.string().min(1),
  typing_indicator: z.strictObject({ type: z.literal('text') }).optional(),
});

/**
 * Reads the body of `POST …/messages` as strictly as Meta: shapes, unknown keys and limits. What only the account knows
 * (its templates, media and windows) is left to the caller. A problem is what Meta would answer.
 */
export function readSendRequest(json: unknown): SendRequest | RequestProblem {
  if (!isRecord(json)) return invalidParameter('The request body must be a JSON object.');
  if ('status' in json) return readReadMark(json);
  const { type = 'text' } = json;
  if (!isContentType(type)) {
    const known = Object.keys(MESSAGE_SHAPES).join(', ').toUpperCase();
    return invalidParameter(`Param type must be one of {${known}} - got ${JSON.stringify(type)}.`);
  }
  const { [type]: rawContent, ...rawEnvelope } = json;
  const fields = envelope.safeParse(rawEnvelope);
  if (!fields.success) return shapeProblem(fields.error, rawEnvelope);
  const content = MESSAGE_SHAPES[type].safeParse(rawContent);
  if (!content.success) return shapeProblem(content.error, rawContent, type);
  return readMessage(fields.data, content.data);
}

function readMessage(
  fields: z.output<typeof envelope>,
  content: OutboundContent,
): SendRequest | RequestProblem {
  const recipient = readRecipient(fields);
  if ('code' in recipient) return recipient;
  const { context, biz_opaque_callback_data: reference = null } = fields;
  if (reference !== null && reference.length > REFERENCE_LENGTH)
    return invalidParameter(
      `Param biz_opaque_callback_data must be at most ${REFERENCE_LENGTH} characters long.`,
    );
  if (content.type === 'reaction' && context !== undefined)
    return invalidParameter('Param context is not allowed for reactions.');
  const problem = contentProblem(content);
  if (problem !== null) return problem.code === 100 ? invalidParameter(problem.details) : problem;
  return {
    kind: 'message',
    ...recipient,
    toGroup: fields.recipient_type === 'group',
    reference,
    contextWamid: context?.message_id ?? null,
    activitySharing: fields.message_activity_sharing ?? null,
    content,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isContentType(type: unknown): type is ContentType {
  return typeof type === 'string' && Object.hasOwn(MESSAGE_SHAPES, type);
}

function readReadMark(json: object): SendRequest | RequestProblem {
  const parsed = readMark.safeParse(json);
  if (!parsed.success) return shapeProblem(parsed.error, json);
  const { message_id: wamid, typing_indicator } = parsed.data;
  return { kind: 'read', wamid, typing: typing_indicator !== undefined };
}

/** `to` wins over `recipient`. */
function readRecipient({
  to,
  recipient,
}: {
  to?: string;
  recipient?: string;
}): { to: string; input: string } | RequestProblem {
  if (to !== undefined && to !== '') {
    const phone = parsePhone(to);
    return phone === null
      ? { code: 131009, details: 'The recipient is not a phone number.' }
      : { to: phone, input: to };
  }
  if (recipient === undefined) return invalidParameter('The parameter to is required.');
  return isBsuid(recipient)
    ? { to: recipient, input: recipient }
    : { code: 131009, details: 'The recipient is not a business-scoped user id.' };
}
