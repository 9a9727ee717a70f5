import { z } from 'zod';
import type { TemplateSubmission } from '../domain/ports';
import { formatOf } from '../domain/templateForm';
import { providerCode } from './providerCode';
import { templateComponents } from './templateComponents';
import { libraryBody } from './templateLibrary';

export { parseWebhook } from './webhook';
export type {
  InboundUpdate,
  OtherUpdate,
  StatusUpdate,
  UserPreferenceUpdate,
  WebhookUpdate,
} from './webhook';
export { readMarkBody, sendBody } from './sendBody';
export { asciiJson, signBody, verifySignature } from './signature';

/**
 * Cloud API JSON of the sending side. Shared by the provider adapters, the dialects that speak this
 * shape and the simulator. What is built for every message is plain code; zod reads the rare answers.
 */

/** A template as Meta's and 360dialog's template endpoints take it. */
export function templateBody(template: TemplateSubmission): object {
  const { name, language, category, library } = template;
  if (library) return { name, language, category, ...libraryBody(library) };
  return {
    name,
    language,
    category,
    parameter_format: formatOf(template),
    components: templateComponents(template, template.examples),
  };
}

const HELD = new Set(['held_for_quality_assessment', 'paused']);

/** Several times what WhatsApp's have, and short enough for an index (characters). */
const LONGEST_WAMID = 512;

/**
 * Reads the answer to a send. Null when it names no message: then nobody knows what happened.
 * A missing `message_status` means accepted; it is only promised for templates.
 */
export function parseSendResponse(json: unknown): { wamid: string; held: boolean } | null {
  if (!isRecord(json) || !Array.isArray(json.messages)) return null;
  const first: unknown = json.messages[0];
  if (!isRecord(first) || typeof first.id !== 'string') return null;
  if (first.id === '' || first.id.length > LONGEST_WAMID) return null;
  const status = first.message_status;
  return { wamid: first.id, held: typeof status === 'string' && HELD.has(status) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const graphError = z.looseObject({
  code: providerCode,
  message: z.string().optional().catch(undefined),
  error_user_msg: z.string().optional().catch(undefined),
  error_data: z.looseObject({ details: z.string().optional() }).optional().catch(undefined),
});
/** 360dialog wraps Meta's errors of the marketing endpoint once more. */
const errorBody = z.union([
  z.looseObject({ error: graphError }),
  z
    .looseObject({ detail: z.looseObject({ error: graphError }) })
    .transform(({ detail }) => ({ error: detail.error })),
]);

/** Reads a Graph error body. Null when it is none, that is when it carries no code. */
export function parseErrorBody(json: unknown): { code: number; detail: string } | null {
  const parsed = errorBody.safeParse(json);
  if (!parsed.success) return null;
  const { code, message, error_user_msg, error_data } = parsed.data.error;
  return { code, detail: error_data?.details ?? error_user_msg ?? message ?? '' };
}

const submissionResponse = z.looseObject({
  id: z.union([z.string().min(1), z.number()]).transform(String),
  /** 360dialog: Meta's id, which is the one that webhooks name; `id` is 360dialog's own there. */
  external_id: z
    .union([z.string().min(1), z.number()])
    .transform(String)
    .optional()
    .catch(undefined),
  status: z.string().optional().catch(undefined),
});

/** Reads the answer to a template submission; null when it names no template. */
export function parseSubmissionResponse(
  json: unknown,
): { providerTemplateId: string; status: string } | null {
  const parsed = submissionResponse.safeParse(json);
  if (!parsed.success) return null;
  const { id, external_id, status } = parsed.data;
  return { providerTemplateId: external_id ?? id, status: (status ?? 'PENDING').toUpperCase() };
}
