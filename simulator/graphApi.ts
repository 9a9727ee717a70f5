import type { IncomingHttpHeaders } from 'node:http';
import { answerBlockedUsers } from './blockApi';
import { ok, refuse, type Answer } from './answers';
import type { SimulatedNumber } from './config';
import { answerHookConfiguration } from './hookApi';
import { healthOf } from './health';
import { errorBody, errorStatus, type GraphError } from './graphError';
import { answerMedia, downloadMedia, uploadMedia } from './mediaApi';
import { takeMessage } from './messages';
import { answerTemplate, answerTemplates } from './templateApi';
import type { World } from './world';

/** The provider's own routes, as Meta and as 360dialog serve them. */

export interface GraphRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  raw: Buffer;
}

const META_PATH = /^\/v\d+\.\d+\/([^/]+)(?:\/([a-z_]+))?$/;
/** 360dialog's paths name neither number nor account: the key does. */
const DIALOG360_EDGES = new Map<string, string>([
  ['/messages', 'messages'],
  ['/marketing_messages', 'marketing_messages'],
  ['/media', 'media'],
  ['/block_users', 'block_users'],
  ['/health_status', 'health_status'],
  ['/message_templates', 'message_templates'],
  ['/v1/configs/templates', 'message_templates'],
  ['/v1/configs/webhook', 'webhook'],
  ['/waba_webhook', 'webhook'],
  ['/uploads', 'uploads'],
]);
const ATTACHMENTS = '/whatsapp_business/attachments/';

const NO_PATH: GraphError = { code: 100, subcode: 33, details: 'Unsupported request.' };
const NO_TOKEN: GraphError = { code: 190, details: 'The access token is missing or not valid.' };
/** 360dialog's own refusal of a key: a superset of the forms it has had over the years. */
const NO_KEY: Answer = {
  kind: 'answer',
  status: 401,
  body: {
    meta: { success: false, http_code: 401, developer_message: 'Invalid api_key' },
    error: 'Invalid API key',
  },
};

/** True for the POSTs that count as sending. */
export function isSend({ method, path }: Pick<GraphRequest, 'method' | 'path'>): boolean {
  return method === 'POST' && /\/(marketing_)?messages$/.test(path);
}

/** Answers one request. `reviewDelayMs` is how long a submitted template waits for its decision. */
export async function answerGraph(
  world: World,
  request: GraphRequest,
  reviewDelayMs: number,
): Promise<Answer> {
  const answer = await route(world, request, reviewDelayMs);
  if (!('code' in answer)) return answer;
  if (isSend(request)) world.ledger.reject(answer.code);
  return request.path === '/marketing_messages' ? refuseMarketing(answer) : refuse(answer);
}

/** 360dialog wraps Meta's errors of this one endpoint. */
function refuseMarketing(error: GraphError): Answer {
  return { kind: 'answer', status: errorStatus(error.code), body: { detail: errorBody(error) } };
}

type Routed = Answer | GraphError | Promise<Answer | GraphError>;

function route(world: World, request: GraphRequest, reviewDelayMs: number): Routed {
  const { path, query, headers } = request;
  if (path === ATTACHMENTS) return downloadMedia(world, query, callerOf(world, headers));
  if (path.startsWith('/v') && META_PATH.test(path))
    return routeMeta(world, request, reviewDelayMs);
  if (
    path.startsWith('/upload:') ||
    headers['d360-api-key'] !== undefined ||
    DIALOG360_EDGES.has(path)
  )
    return routeDialog360(world, request, reviewDelayMs);
  return NO_PATH;
}

/** The number whose token or key came along. */
function callerOf(world: World, headers: IncomingHttpHeaders): SimulatedNumber | undefined {
  const key = headers['d360-api-key'];
  const token = typeof key === 'string' ? key : bearerOf(headers.authorization);
  return token === null ? undefined : world.byToken(token);
}

/** Uploads are documented with the older word. */
function bearerOf(header: string | undefined): string | null {
  return /^(?:Bearer|OAuth) (.+)$/.exec(header ?? '')?.[1] ?? null;
}

function routeDialog360(world: World, request: GraphRequest, reviewDelayMs: number): Routed {
  const { path } = request;
  const number = callerOf(world, request.headers);
  if (number?.kind !== '360dialog') return NO_KEY;
  const call: NumberCall = { ...request, number, reviewDelayMs };
  if (path.startsWith('/upload:')) return answerUpload(world, path.slice(1), request);
  const byName = /^\/v1\/configs\/templates\/([^/]+)$/.exec(path);
  if (byName !== null) {
    const query = new URLSearchParams({ name: decodeURIComponent(byName[1] ?? '') });
    return answerTemplates(world, { ...call, query });
  }
  const edge = DIALOG360_EDGES.get(path);
  if (edge !== undefined) return answerEdge(world, edge, call);
  return answerNode(world, path.slice(1), undefined, call);
}

function routeMeta(world: World, request: GraphRequest, reviewDelayMs: number): Routed {
  const [, id = '', edge] = META_PATH.exec(request.path) ?? [];
  const token = bearerOf(request.headers.authorization);
  if (token === null) return NO_TOKEN;
  const number = world.numbers.get(id);
  if (number !== undefined) {
    if (number.token !== token || number.kind !== 'cloud_api') return NO_TOKEN;
    const call: NumberCall = { ...request, number, reviewDelayMs };
    return edge === undefined ? answerNumber(world, call) : answerEdge(world, edge, call);
  }
  const caller = world.byToken(token);
  const isAccount = [...world.numbers.values()].some(({ wabaId }) => wabaId === id);
  if (isAccount) {
    if (caller?.wabaId !== id || caller.kind !== 'cloud_api') return NO_TOKEN;
    const call: NumberCall = { ...request, number: caller, reviewDelayMs };
    if (edge === 'message_templates') return answerEdge(world, edge, call);
    return edge === undefined && request.method === 'GET'
      ? ok({ id, name: 'Simulated account', health_status: healthOf(world, caller) })
      : NO_PATH;
  }
  if (caller === undefined) return NO_TOKEN;
  if (id.startsWith('upload:')) return answerUpload(world, id, request);
  // An app's id, or `app`: whose samples these are does not matter here.
  if (edge === 'uploads' && request.method === 'POST') return world.uploads.open(request.query);
  return answerNode(world, id, edge, { ...request, number: caller, reviewDelayMs });
}

interface NumberCall extends GraphRequest {
  number: SimulatedNumber;
  reviewDelayMs: number;
}

/** What belongs to a number or its account. */
function answerEdge(world: World, edge: string, call: NumberCall): Routed {
  const { method, number, raw, query } = call;
  switch (edge) {
    case 'messages':
    case 'marketing_messages':
      return method === 'POST' ? takeMessage(world, number, { raw, edge }) : NO_PATH;
    case 'media':
      return method === 'POST'
        ? uploadMedia(world, { number, raw, contentType: call.headers['content-type'] ?? '' })
        : NO_PATH;
    case 'block_users':
      return answerBlockedUsers(world, number, call);
    case 'message_templates':
      return answerTemplates(world, call);
    case 'health_status':
      return ok({ health_status: healthOf(world, number), id: number.phoneNumberId });
    case 'webhook':
      return answerHookConfiguration(world, number, call);
    case 'uploads':
      return method === 'POST' ? world.uploads.open(query) : NO_PATH;
    default:
      return NO_PATH;
  }
}

/** What has an id of its own: files and templates. */
function answerNode(
  world: World,
  id: string,
  edge: string | undefined,
  call: NumberCall,
): Answer | GraphError {
  const { number, headers, method } = call;
  const media = world.media.find(id, world.now());
  if (media !== undefined && edge === undefined) {
    if (media.wabaId !== number.wabaId) return NO_PATH;
    const origin = `http://${headers.host ?? '127.0.0.1'}`;
    return answerMedia(world, media, method, { number, origin });
  }
  const template = world.templates.byId(id);
  const known =
    template !== undefined && (template.wabaId === null || template.wabaId === number.wabaId);
  return known ? answerTemplate(world, template, call, edge) : NO_PATH;
}

function answerUpload(
  world: World,
  id: string,
  { method, headers, raw }: GraphRequest,
): Answer | GraphError {
  const offset = Number(headers.file_offset ?? 0);
  return world.uploads.answer(id, method, offset, raw);
}

const NUMBER_FIELDS = (world: World, number: SimulatedNumber): Record<string, unknown> => ({
  id: number.phoneNumberId,
  display_phone_number: `+${number.phone}`,
  verified_name: 'Simulated business',
  quality_rating: number.quality,
  status: number.registered ? 'CONNECTED' : 'DISCONNECTED',
  throughput: { level: number.ratePerSecond > 80 ? 'HIGH' : 'STANDARD' },
  whatsapp_business_manager_messaging_limit: tierOf(number.dailyLimit),
  health_status: healthOf(world, number),
});
const DEFAULT_FIELDS = [
  'verified_name',
  'display_phone_number',
  'quality_rating',
  'throughput',
  'id',
];

/** The fields that were asked for, or those that Meta gives by itself. */
function answerNumber(world: World, { method, query, number }: NumberCall): Answer | GraphError {
  if (method !== 'GET') return NO_PATH;
  const all = NUMBER_FIELDS(world, number);
  const asked = query.get('fields')?.split(',') ?? DEFAULT_FIELDS;
  const unknown = asked.find((field) => !Object.hasOwn(all, field));
  if (unknown !== undefined)
    return { code: 100, message: `(#100) Tried accessing nonexisting field (${unknown})` };
  return ok(Object.fromEntries([...asked, 'id'].map((field) => [field, all[field]])));
}

function tierOf(limit: number): string {
  return limit === 0 ? 'TIER_UNLIMITED' : limit >= 1000 ? `TIER_${limit / 1000}K` : `TIER_${limit}`;
}
