import { ok, type Answer } from './answers';
import {
  answerNode,
  answerNumberEdge,
  answerUpload,
  type Call,
  type GraphRequest,
  type Routed,
} from './calls';
import { healthOf } from './health';
import { answerHookConfiguration } from './hookApi';
import { answerTemplates } from './templateApi';
import type { World } from './world';

/** 360dialog's routes: the key says which number it is, so that paths name neither number nor account. */

type Handler = (world: World, call: Call) => Routed;

const HANDLERS = new Map<string, Handler>([
  ['/messages', (world, call) => answerNumberEdge(world, 'messages', call)],
  ['/marketing_messages', (world, call) => answerNumberEdge(world, 'marketing_messages', call)],
  ['/media', (world, call) => answerNumberEdge(world, 'media', call)],
  ['/block_users', (world, call) => answerNumberEdge(world, 'block_users', call)],
  ['/message_templates', answerTemplates],
  ['/v1/configs/templates', answerTemplates],
  ['/v1/configs/webhook', hook],
  ['/waba_webhook', hook],
  ['/uploads', (world, call) => answerUpload(world, null, call)],
  ['/health_status', health],
]);
const TEMPLATE_BY_NAME = /^\/v1\/configs\/templates\/([^/]+)$/;
const UPLOAD = /^\/(upload:[^/]+)$/;
const NODE = /^\/(\d+)(?:\/([a-z_]+))?$/;

/** 360dialog's own refusal of a key: a superset of the forms it has had over the years. */
const NO_KEY: Answer = {
  kind: 'answer',
  status: 401,
  body: {
    meta: { success: false, http_code: 401, developer_message: 'Invalid api_key' },
    error: 'Invalid API key',
  },
};
const NO_PATH: Answer = { kind: 'answer', status: 404, body: { error: 'Not found' } };

export function routeDialog360(world: World, request: GraphRequest): Routed {
  const { path, headers } = request;
  const key = headers['d360-api-key'];
  const number = typeof key === 'string' ? world.byToken(key) : undefined;
  if (number?.kind !== '360dialog') return NO_KEY;
  const call: Call = { ...request, number };
  const handler = HANDLERS.get(path);
  if (handler !== undefined) return handler(world, call);
  const [, name] = TEMPLATE_BY_NAME.exec(path) ?? [];
  if (name !== undefined) {
    const query = new URLSearchParams({ name: decodeURIComponent(name) });
    return answerTemplates(world, { ...call, query });
  }
  const [, upload] = UPLOAD.exec(path) ?? [];
  if (upload !== undefined) return answerUpload(world, upload, request);
  const [, id, edge] = NODE.exec(path) ?? [];
  return id === undefined ? NO_PATH : answerNode(world, id, edge, call);
}

function hook(world: World, call: Call): Routed {
  return answerHookConfiguration(world, call.number, call);
}

function health(world: World, { number }: Call): Routed {
  return ok({ health_status: healthOf(world, number), id: number.phoneNumberId });
}
