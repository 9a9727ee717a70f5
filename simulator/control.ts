import { request } from 'undici';
import { z } from 'zod';
import { reasonOf } from '../domain/reason';
import { ok, readJson, type Answer } from './answers';
import { chatPage } from './chatPage';
import { listConversations, readConversation } from './conversations';
import { numberSchema, templateSeedSchema } from './config';
import { faultsSchema } from './faults';
import { addressOf, receive } from './inbound';
import type { AcceptedMessage } from './ledger';
import { fileAnswer } from './mediaApi';
import { templateView } from './templateApi';
import { tellChange } from './templateEvents';
import { metadata } from './webhookBody';
import type { World } from './world';

/** The control API under `/_sim`: what a real provider would never offer. */

export interface ControlRequest {
  method: string;
  /** `/_sim/faults` */
  path: string;
  query: URLSearchParams;
  raw: Buffer;
}

interface Asked {
  query: URLSearchParams;
  body: unknown;
}

type Handler = (world: World, asked: Asked) => object | Promise<object>;

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
const eventBody = z.strictObject({
  /** The business number: its phone or its phone_number_id. */
  to: z.string(),
  field: z.string().min(1),
  value: z.record(z.string(), z.unknown()),
});

const HANDLERS = new Map<string, Handler>([
  ['GET /_sim/stats', (world) => world.stats()],
  ['GET /_sim/messages', listMessages],
  ['POST /_sim/inbound', (world, { body }) => receive(world, body)],
  ['POST /_sim/event', sendEvent],
  ['GET /_sim/conversations', (world) => listConversations(world)],
  ['GET /_sim/conversation', (world, { query }) => readConversation(world, query)],
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
export async function control(world: World, asked: ControlRequest): Promise<Answer> {
  const { method, path, query, raw } = asked;
  const route = `${method} ${path}`;
  if (route === 'GET /_sim/chat') return chatPage();
  if (route.startsWith('GET /_sim/media/')) return serveFile(world, path);
  const handler = HANDLERS.get(route);
  if (handler === undefined) return failed(404, `No route ${route}.`);
  try {
    return ok(await handler(world, { query, body: readJson(raw) }));
  } catch (error) {
    return failed(400, sentenceOf(error));
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return reasonOf(error);
}

function failed(status: number, error: string): Answer {
  return { kind: 'answer', status, body: { error } };
}

/** A file as the chat page shows it, without a token. */
function serveFile(world: World, path: string): Answer {
  const media = world.media.find(path.slice(path.lastIndexOf('/') + 1), world.now());
  return media === undefined ? failed(404, 'No such file.') : fileAnswer(media);
}

function listMessages(world: World, { query }: Asked): object {
  const to = query.get('to');
  const limit = Number(query.get('limit') ?? 1000);
  const wanted = to === null ? null : world.users.userOf(addressOf(to));
  return { messages: world.ledger.messages(wanted, limit).map(messageView) };
}

function messageView(message: AcceptedMessage): object {
  return {
    wamid: message.wamid,
    to: message.to,
    to_user_id: message.toBsuid,
    phone_number_id: message.number.phoneNumberId,
    type: message.type,
    template: message.template,
    category: message.category,
    reference: message.reference,
    at: new Date(message.at).toISOString(),
    status: message.status,
    held: message.held,
    error_code: message.errorCode,
    body: message.body === null ? null : readJson(Buffer.from(message.body)),
  };
}

/** Any webhook, for fields that nothing here causes by itself: account updates, alerts, changed user ids. */
function sendEvent(world: World, { body }: Asked): object {
  const { to, field, value } = eventBody.parse(body);
  const number = world.byAddress(addressOf(to));
  if (number === undefined) throw new Error(`No number ${to} is registered.`);
  const envelope =
    field === 'messages' || field === 'user_id_update'
      ? { messaging_product: 'whatsapp', metadata: metadata(number) }
      : {};
  world.webhooks.push(number, {
    kind: 'value',
    field,
    value: { ...envelope, ...value },
    at: world.now(),
  });
  return { sent: true };
}

function putFaults(world: World, { body }: Asked): object {
  world.setFaults(faultsSchema.parse(body ?? {}));
  return world.faults;
}

const SECRETS = new Set(['token', 'appSecret', 'verifyToken', 'hookHeaders']);

/** Without the secrets. */
function listNumbers(world: World): object {
  const numbers = [...world.numbers.values()].map((number) =>
    Object.fromEntries(Object.entries(number).filter(([key]) => !SECRETS.has(key))),
  );
  return { numbers };
}

function putNumbers(world: World, { body }: Asked): object {
  for (const number of numbersBody.parse(body)) world.numbers.set(number.phoneNumberId, number);
  return listNumbers(world);
}

function listTemplates(world: World, { query }: Asked): object {
  return { templates: world.templates.of(query.get('waba_id') ?? '*').map(templateView) };
}

function putTemplates(world: World, { body }: Asked): object {
  const seeds = templatesBody.parse(body);
  const changes = seeds.flatMap((seed) => world.templates.seed(seed));
  for (const change of changes) tellChange(world, change);
  return { templates: seeds.length, changed: changes.filter(({ status }) => status).length };
}

function putClock(world: World, { body }: Asked): object {
  world.clockOffsetMs = clockBody.parse(body).offset_ms;
  return { now: new Date(world.now()).toISOString() };
}

/** Meta's subscription handshake: the receiver must echo the challenge. */
async function verifyHook(world: World, { body }: Asked): Promise<object> {
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
