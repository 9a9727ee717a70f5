import type { IncomingHttpHeaders } from 'node:http';
import type { SimulatedNumber } from './config';
import type { GraphError } from './graphError';
import { ok, readJson, refuse, takeMessage, type Answer } from './messages';
import { review, templateView } from './templates';
import type { World } from './world';

/** The provider's own routes, as Meta and as 360dialog serve them. */

export interface GraphRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  raw: string;
}

const META_PATH = /^\/v\d+\.\d+\/([^/]+)(?:\/(messages|message_templates))?$/;
const NO_PATH: GraphError = { code: 100, subcode: 33, details: 'Unsupported request.' };
const NO_KEY: GraphError = { code: 190, details: 'The access token is missing or not valid.' };

/** True for the POSTs that count as sending. */
export function isSend({ method, path }: Pick<GraphRequest, 'method' | 'path'>): boolean {
  return method === 'POST' && path.endsWith('/messages');
}

/** Answers one request. `reviewDelayMs` is how long a submitted template waits for its decision. */
export function answerGraph(world: World, request: GraphRequest, reviewDelayMs: number): Answer {
  const answer = route(world, request, reviewDelayMs);
  if (!('code' in answer)) return answer;
  if (isSend(request)) world.ledger.reject(answer.code);
  return refuse(answer);
}

function route(world: World, request: GraphRequest, reviewDelayMs: number): Answer | GraphError {
  const { method, path, headers, raw } = request;
  if (path === '/messages' || path === '/v1/configs/templates') {
    const key = headers['d360-api-key'];
    const number = typeof key === 'string' ? world.byToken(key) : undefined;
    if (number === undefined || number.kind !== '360dialog') return NO_KEY;
    if (path === '/messages') return method === 'POST' ? takeMessage(world, number, raw) : NO_PATH;
    return templates(world, number.wabaId, { method, raw, reviewDelayMs, list: 'waba_templates' });
  }

  const found = META_PATH.exec(path);
  if (found === null) return NO_PATH;
  const [, id = '', edge] = found;
  const token = bearerOf(headers.authorization);
  if (token === null) return NO_KEY;
  if (edge === 'message_templates') {
    const owner = [...world.numbers.values()].find(({ wabaId }) => wabaId === id);
    if (owner === undefined) return NO_PATH;
    if (!mayUse(world, token, ({ wabaId }) => wabaId === id)) return NO_KEY;
    return templates(world, id, { method, raw, reviewDelayMs, list: 'data' });
  }
  const number = world.numbers.get(id);
  if (number === undefined) return NO_PATH;
  if (number.token !== token || number.kind !== 'cloud_api') return NO_KEY;
  if (edge === 'messages') return method === 'POST' ? takeMessage(world, number, raw) : NO_PATH;
  return method === 'GET' ? ok(numberView(number)) : NO_PATH;
}

function bearerOf(header: string | undefined): string | null {
  return header?.startsWith('Bearer ') === true ? header.slice('Bearer '.length) : null;
}

function mayUse(world: World, token: string, owns: (number: SimulatedNumber) => boolean): boolean {
  return [...world.numbers.values()].some((number) => owns(number) && number.token === token);
}

interface TemplateRequest {
  method: string;
  raw: string;
  reviewDelayMs: number;
  /** Key under which the list is answered. */
  list: 'data' | 'waba_templates';
}

function templates(
  world: World,
  wabaId: string,
  { method, raw, reviewDelayMs, list }: TemplateRequest,
): Answer | GraphError {
  if (method === 'GET') return ok({ [list]: world.templates.of(wabaId).map(templateView) });
  if (method !== 'POST') return NO_PATH;
  const template = world.templates.submit(wabaId, readJson(raw));
  if ('code' in template) return template;
  world.reviews.schedule(reviewDelayMs, () => {
    if (template.status !== 'PENDING') return;
    review(template);
    world.reportTemplate(template);
  });
  return ok({ id: template.id, status: 'PENDING', category: template.category });
}

function numberView(number: SimulatedNumber): object {
  return {
    id: number.phoneNumberId,
    display_phone_number: `+${number.phone}`,
    verified_name: 'Simulated business',
    quality_rating: 'GREEN',
    throughput: { level: 'STANDARD' },
  };
}
