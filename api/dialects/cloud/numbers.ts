import { Router, type Request, type Response } from 'express';
import type { Sender } from '../../../db/schema';
import { phoneDigits } from '../../../domain/phone';
import { getSenderHealth } from '../../../usecases/senderHealth';
import { requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import { renderHealth } from './health';
import type { HealthStatusAnswer, NumberAnswer } from './numberOperations';
import { numberIdOf, senderOf } from './place';

const READ = requireScope('senders:read');

export function dialog360HealthRoutes(deps: DialectDeps): Router {
  const router = Router();
  router
    .route('/health_status')
    .get(READ, async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      const health = await getSenderHealth(deps, sender);
      const body: HealthStatusAnswer = {
        health_status: renderHealth(sender, health),
        id: numberIdOf(sender),
      };
      response.json(body);
    })
    .all(onlyMethods('GET'));
  return router;
}

const DEFAULT_FIELDS = ['verified_name', 'display_phone_number', 'quality_rating'];
/** What only the provider knows. */
const ASKED = [
  'verified_name',
  'quality_rating',
  'health_status',
  'whatsapp_business_manager_messaging_limit',
];

/** A number with the fields that were asked for, those of the provider's included. */
export async function answerNumber(
  deps: DialectDeps,
  sender: Sender,
  fields: readonly string[] = DEFAULT_FIELDS,
): Promise<NumberAnswer> {
  const asked = ASKED.some((field) => fields.includes(field));
  const health = asked ? await getSenderHealth(deps, sender) : null;
  const known: Omit<NumberAnswer, 'id'> = {
    verified_name: health?.verifiedName ?? sender.name,
    display_phone_number: `+${phoneDigits(sender.phone)}`,
    platform_type: 'CLOUD_API',
    throughput: { level: sender.rate_per_second > STANDARD_RATE ? 'HIGH' : 'STANDARD' },
    ...(health && {
      quality_rating: health.quality ?? 'UNKNOWN',
      health_status: renderHealth(sender, health),
    }),
    ...(health?.messagingLimit && {
      whatsapp_business_manager_messaging_limit: health.messagingLimit,
    }),
  };
  const wanted = Object.entries(known).filter(([field]) => fields.includes(field));
  return { ...Object.fromEntries(wanted), id: numberIdOf(sender) };
}

/** Messages per second that every number has. */
const STANDARD_RATE = 80;
