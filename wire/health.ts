import { z } from 'zod';
import type { SenderHealth } from '../domain/ports';
import { providerCode } from './providerCode';

const verdict = z.enum(['AVAILABLE', 'LIMITED', 'BLOCKED']);
const list = z.array(z.unknown()).catch([]);
const optionalText = z.string().min(1).nullish().catch(null);

const entitySchema = z.looseObject({
  entity_type: z.string().catch('UNKNOWN'),
  additional_info: list,
  errors: list,
});
const problemSchema = z.looseObject({
  error_code: providerCode.nullish().catch(null),
  error_description: optionalText,
  possible_solution: optionalText,
});

/** A number's `health_status`, with its quality, limit and name where they were asked for along with it. */
const numberSchema = z.looseObject({
  health_status: z.looseObject({ can_send_message: verdict, entities: list }),
  quality_rating: optionalText,
  whatsapp_business_manager_messaging_limit: optionalText,
  verified_name: optionalText,
});

/** The fields to ask for where the answer does not hold them by itself. */
export const HEALTH_FIELDS =
  'health_status,quality_rating,whatsapp_business_manager_messaging_limit,verified_name';

/** Null when the answer tells no health. */
export function parseHealth(json: unknown): { health: SenderHealth } | null {
  const parsed = numberSchema.safeParse(json);
  if (!parsed.success) return null;
  const { health_status, quality_rating, verified_name } = parsed.data;
  return {
    health: {
      canSend: CAN_SEND[health_status.can_send_message],
      problems: health_status.entities.flatMap(readProblems),
      quality: quality_rating === 'UNKNOWN' ? null : (quality_rating ?? null),
      verifiedName: verified_name ?? null,
      messagingLimit: parsed.data.whatsapp_business_manager_messaging_limit ?? null,
    },
  };
}

const CAN_SEND: Record<z.infer<typeof verdict>, SenderHealth['canSend']> = {
  AVAILABLE: 'available',
  LIMITED: 'limited',
  BLOCKED: 'blocked',
};

/** A limited entity explains itself in sentences, a blocked one with errors. */
function readProblems(raw: unknown): SenderHealth['problems'] {
  const parsed = entitySchema.safeParse(raw);
  if (!parsed.success) return [];
  const { entity_type: entity, additional_info, errors } = parsed.data;
  const sentences = additional_info.filter((info) => typeof info === 'string');
  return [
    ...sentences.map((detail) => ({ entity, code: null, detail })),
    ...errors.flatMap((error) => {
      const problem = problemSchema.safeParse(error);
      if (!problem.success) return [];
      const { error_code, error_description, possible_solution } = problem.data;
      const detail = [error_description, possible_solution].filter(Boolean).join(' ');
      return [{ entity, code: error_code ?? null, detail }];
    }),
  ];
}
