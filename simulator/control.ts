import { request } from 'undici';
import { z } from 'zod';
import { phoneDigits } from '../domain/phone';
import { numberSchema, templateSeedSchema } from './config';
import { faultsSchema } from './faults';
import { receive } from './inbound';
import type { AcceptedMessage } from './ledger';
import { templateView } from './templates';
import type { World } from './world';

/** The control API under `/_sim`: what a real provider would never offer. */

export interface ControlRequest {
  /** Method and path, `PUT /_sim/faults`. */
  route: string;
  query: URLSearchParams;
  body: unknown;
}

type Handler = (world: World, request: ControlRequest) => object | Promise<object>;

/** A list, bare or in an object under its name. */
const listOf = <T extends z.ZodType>(name: string, item: T) =>
  z.preprocess(
    (value) =>
      typeof value === 'object' && value !== null && name in value
        ? Object.entries(value).find(([key]) => key === name)?.[1]
        : value,
    z.array(item),
  );
const numbersBody = listOf('numbers', numberSchema);
const templatesBody = listOf('templates', templateSeedSchema);
const clockBody = z.strictObject({ offset_ms: z.number().int() });
const verifyBody = z.strictObject({ phone_number_id: z.string() });

const HANDLERS = new Map<string, Handler>([
  ['GET /_sim/stats', (world) => world.stats()],
  ['GET /_sim/messages', listMessages],
  ['POST /_sim/inbound', (world, { body }) => receive(world, body)],
  ['GET /_sim/faults', (world) => world.faults],
  ['PUT /_sim/faults', putFaults],
  ['GET /_sim/numbers', listNumbers],
  ['PUT /_sim/numbers', putNumbers],
  ['GET /_sim/templates', listTemplates],
  ['PUT /_sim/templates', putTemplates],
  ['PUT /_sim/clock', putClock],
  ['POST /_sim/verify', verifyHook],
  ['POST /_sim/reset', reset],
]);

/** Answers a control request: 404 for an unknown route, 400 with a sentence for what cannot be. */
export async function control(
  world: World,
  asked: ControlRequest,
): Promise<{ status: number; body: object }> {
  const handler = HANDLERS.get(asked.route);
  if (handler === undefined) return { status: 404, body: { error: `No route ${asked.route}.` } };
  try {
    return { status: 200, body: await handler(world, asked) };
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return { status: 400, body: { error: message } };
  }
}

function listMessages(world: World, { query }: ControlRequest): object {
  const to = query.get('to');
  const limit = Number(query.get('limit') ?? 1000);
  const wanted = to === null ? null : phoneDigits(to.trim());
  return { messages: world.ledger.messages(wanted, limit).map(messageView) };
}

function messageView(message: AcceptedMessage): object {
  return {
    wamid: message.wamid,
    to: message.to,
    phone_number_id: message.number.phoneNumberId,
    type: message.type,
    template: message.template,
    reference: message.reference,
    at: new Date(message.at).toISOString(),
    status: message.status,
    error_code: message.errorCode,
    body: message.body === null ? null : (JSON.parse(message.body) as unknown),
  };
}

function putFaults(world: World, { body }: ControlRequest): object {
  world.setFaults(faultsSchema.parse(body ?? {}));
  return world.faults;
}

/** Without the secrets. */
function listNumbers(world: World): object {
  const numbers = [...world.numbers.values()].map(
    ({ phoneNumberId, wabaId, phone, kind, hookUrl, ratePerSecond }) => ({
      phoneNumberId,
      wabaId,
      phone,
      kind,
      hookUrl,
      ratePerSecond,
    }),
  );
  return { numbers };
}

function putNumbers(world: World, { body }: ControlRequest): object {
  for (const number of numbersBody.parse(body)) world.numbers.set(number.phoneNumberId, number);
  return listNumbers(world);
}

function listTemplates(world: World, { query }: ControlRequest): object {
  return { templates: world.templates.of(query.get('waba_id') ?? '*').map(templateView) };
}

function putTemplates(world: World, { body }: ControlRequest): object {
  const seeds = templatesBody.parse(body);
  const changed = seeds.flatMap((seed) => world.templates.seed(seed));
  for (const template of changed) world.reportTemplate(template);
  return { templates: seeds.length, changed: changed.length };
}

function putClock(world: World, { body }: ControlRequest): object {
  world.clockOffsetMs = clockBody.parse(body).offset_ms;
  return { now: new Date(world.now()).toISOString() };
}

/** Meta's subscription handshake: the receiver must echo the challenge. */
async function verifyHook(world: World, { body }: ControlRequest): Promise<object> {
  const number = world.numbers.get(verifyBody.parse(body).phone_number_id);
  if (number === undefined || number.hookUrl === null)
    throw new Error('No such number, or it has no hookUrl.');
  const challenge = String(Math.floor(Math.random() * 1e9));
  const answer = await request(number.hookUrl, {
    query: {
      'hub.mode': 'subscribe',
      'hub.challenge': challenge,
      'hub.verify_token': number.verifyToken ?? '',
    },
    headersTimeout: 5000,
  });
  const text = await answer.body.text();
  return { verified: answer.statusCode === 200 && text === challenge, status: answer.statusCode };
}

function reset(world: World): object {
  world.reset();
  return { reset: true };
}
