import { z } from 'zod';
import { json, operations } from '../../openapi/operation';
import { PROVIDER_ERRORS, REFUSALS } from './describe';

const verdict = z.enum(['AVAILABLE', 'LIMITED', 'BLOCKED']);

export const health = z
  .object({
    can_send_message: verdict.meta({ description: 'The worst of the entities.' }),
    entities: z.array(
      z.object({
        entity_type: z.string(),
        id: z.string(),
        can_send_message: verdict,
        additional_info: z.array(z.string()).optional(),
        errors: z
          .array(
            z.object({
              error_code: z.int(),
              error_description: z.string(),
              possible_solution: z.string(),
            }),
          )
          .optional(),
      }),
    ),
  })
  .meta({ id: 'CloudHealth' });

export type HealthAnswer = z.output<typeof health>;

const healthStatus = z.object({ health_status: health, id: z.string() });

export type HealthStatusAnswer = z.output<typeof healthStatus>;

/** Of a number, those of its fields that were asked for. */
export const number = z
  .object({
    id: z.string(),
    verified_name: z.string().optional(),
    display_phone_number: z.string().optional(),
    quality_rating: z.string().optional(),
    health_status: health.optional(),
    whatsapp_business_manager_messaging_limit: z.string().optional(),
    platform_type: z.string().optional(),
    throughput: z.object({ level: z.enum(['STANDARD', 'HIGH']) }).optional(),
  })
  .meta({ id: 'CloudNumber' });

export type NumberAnswer = z.output<typeof number>;

export const healthOperations = operations('360dialog numbers', {
  'GET /health_status': {
    summary: 'Get the health of the number',
    description: 'Whether messages can go out now, and what stands in the way.',
    scope: 'senders:read',
    answers: { 200: json(healthStatus), ...REFUSALS },
    errors: PROVIDER_ERRORS,
  },
});
