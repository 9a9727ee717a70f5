import { Router, type Request, type RequestHandler, type Response } from 'express';
import { DomainError } from '../../../domain/errors';
import { phoneDigits } from '../../../domain/phone';
import { checkNumbers, type CheckedNumber } from '../../../usecases/number';
import { NumberHealth } from '../../../usecases/numberHealth';
import { listOwnNumbers, type OwnNumber } from '../../../usecases/numberList';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import { limit } from '../../rateLimit';
import { SharedStore } from '../../rateLimitStore';
import { sendexaId } from '../../../wire/sendexaId';
import { LIMITS } from './limits';
import type { CheckAnswer, OwnNumberAnswer } from './numberOperations';
import { parseBulk, parseCheck } from './numberSchema';
import { instantOf, instantOrNull } from './time';

const READ = requireScope('messages:read');
const READ_OWN = requireScope('senders:read');

export function numberRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = Router();
  const health = new NumberHealth(deps);
  const checking = limit(deps, 'sendexa check', LIMITS.check);
  const day = new SharedStore(deps, 'sendexa checked numbers', LIMITS.checkedNumbers);

  router
    .route('/v1/whatsapp/numbers')
    .get(READ_OWN, limit(deps, 'sendexa numbers', LIMITS.reading), async (_request, response) => {
      const { numbers, total } = await listOwnNumbers(
        { ...deps, health },
        callerOf(response),
        'sendexa',
      );
      response.json({ success: true, data: { numbers: numbers.map(renderOwn), total } });
    })
    .all(onlyMethods('GET'));

  router
    .route('/v1/whatsapp/numbers/check')
    .get(READ, checking, async (request, response) => {
      const phone = parseCheck(request);
      await countNumbers(day, response, 1);
      const [number] = await checkNumbers(deps, callerOf(response), [phone]);
      response.json({ success: true, data: renderCheck(number!) });
    })
    .all(onlyMethods('GET'));

  router
    .route('/v1/whatsapp/numbers/bulk-check')
    .post([READ, checking, ...json], async (request: Request, response: Response) => {
      const phones = parseBulk(request);
      await countNumbers(day, response, phones.length);
      const numbers = await checkNumbers(deps, callerOf(response), phones);
      response.json({ success: true, data: renderBulk(numbers) });
    })
    .all(onlyMethods('POST'));

  return router;
}

/**
 * Takes so many numbers off the key's day, or throws `rate_limited`. Those of a refused request that still fitted are
 * used up.
 */
async function countNumbers(day: SharedStore, response: Response, count: number): Promise<void> {
  const { keyId } = callerOf(response);
  const taken = await Promise.all(Array.from({ length: count }, () => day.increment(keyId)));
  const [{ limit: most }] = LIMITS.checkedNumbers;
  const refused = taken.find(({ totalHits }) => totalHits > most);
  if (refused === undefined) return;
  const waitMs = (refused.resetTime?.getTime() ?? Date.now()) - Date.now();
  response.set('Retry-After', String(Math.max(1, Math.ceil(waitMs / 1000))));
  throw new DomainError('rate_limited', 'Too many numbers were checked with this API key today.');
}

function renderCheck({ phone, onWhatsApp, type, name, at, source }: CheckedNumber): CheckAnswer {
  return {
    phone: phoneDigits(phone),
    isWhatsApp: onWhatsApp,
    displayName: name,
    type,
    checkedAt: instantOrNull(at),
    source,
  };
}

function renderBulk(numbers: readonly CheckedNumber[]): object {
  const results = numbers.map((number) => {
    const { displayName: _, ...result } = renderCheck(number);
    return result;
  });
  const having = (isWhatsApp: boolean | null) =>
    results.filter((result) => result.isWhatsApp === isWhatsApp).length;
  return {
    results,
    total: results.length,
    registered: having(true),
    notRegistered: having(false),
    unknown: having(null),
  };
}

function renderOwn({ sender, health, webhookUrl }: OwnNumber): OwnNumberAnswer {
  return {
    id: sendexaId('wba_num', sender.id),
    phone: phoneDigits(sender.phone),
    displayName: sender.name,
    verifiedName: health?.verifiedName ?? null,
    status: sender.health === 'halted' ? 'RESTRICTED' : 'CONNECTED',
    qualityRating: health?.quality ?? null,
    messagingLimit: health?.messagingLimit ?? null,
    webhookUrl,
    connectedAt: instantOf(sender.created_at),
  };
}
