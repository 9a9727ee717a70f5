import { ok, type Answer } from './answers';
import {
  answerNode,
  answerNumberEdge,
  answerUpload,
  type Call,
  type GraphRequest,
  type NumberEdge,
  type Routed,
} from './calls';
import type { SimulatedNumber } from './config';
import { UNSUPPORTED, type GraphError } from './graphError';
import { healthOf } from './health';
import { answerTemplates } from './templateApi';
import type { World } from './world';

/** Meta's routes: every path names a version and a node, and a bearer token says whose request it is. */

const PATH = /^\/v\d+\.\d+\/([^/]+)(?:\/([a-z_]+))?$/;
const NUMBER_EDGES: readonly string[] = [
  'messages',
  'marketing_messages',
  'media',
  'block_users',
] satisfies NumberEdge[];

const NO_TOKEN: GraphError = { code: 190, details: 'The access token is missing or not valid.' };

export function isMetaPath(path: string): boolean {
  return PATH.test(path);
}

export function routeMeta(world: World, request: GraphRequest): Routed {
  const [, id = '', edge] = PATH.exec(request.path) ?? [];
  const token = bearerOf(request.headers.authorization);
  if (token === null) return NO_TOKEN;
  const number = world.numbers.get(id);
  if (number !== undefined) {
    if (number.token !== token || number.kind !== 'cloud_api') return NO_TOKEN;
    return answerNumber(world, edge, { ...request, number });
  }
  const caller = world.byToken(token);
  const isAccount = [...world.numbers.values()].some(({ wabaId }) => wabaId === id);
  if (caller?.kind !== 'cloud_api' || (isAccount && caller.wabaId !== id)) return NO_TOKEN;
  const call: Call = { ...request, number: caller };
  if (isAccount) return answerAccount(world, edge, call);
  if (id.startsWith('upload:')) return answerUpload(world, id, request);
  // An app's id, or `app`: whose samples these are does not matter here.
  if (edge === 'uploads') return answerUpload(world, null, request);
  return answerNode(world, id, edge, call);
}

/** `OAuth` is the word of the upload guide, `Bearer` of all others; Graph takes both. */
export function bearerOf(header: string | undefined): string | null {
  return /^(?:Bearer|OAuth) (.+)$/.exec(header ?? '')?.[1] ?? null;
}

function isNumberEdge(edge: string): edge is NumberEdge {
  return NUMBER_EDGES.includes(edge);
}

function answerNumber(world: World, edge: string | undefined, call: Call): Routed {
  if (edge === undefined) return call.method === 'GET' ? numberView(world, call) : UNSUPPORTED;
  return isNumberEdge(edge) ? answerNumberEdge(world, edge, call) : UNSUPPORTED;
}

function answerAccount(world: World, edge: string | undefined, call: Call): Routed {
  if (edge === 'message_templates') return answerTemplates(world, call);
  if (edge !== undefined || call.method !== 'GET') return UNSUPPORTED;
  const { number } = call;
  return ok({
    id: number.wabaId,
    name: 'Simulated account',
    health_status: healthOf(world, number),
  });
}

const DEFAULT_FIELDS = [
  'verified_name',
  'display_phone_number',
  'quality_rating',
  'throughput',
  'id',
];

/** The fields that were asked for, or those that Meta gives by itself. */
function numberView(world: World, { query, number }: Call): Answer | GraphError {
  const fields = numberFields(world, number);
  const asked = query.get('fields')?.split(',') ?? DEFAULT_FIELDS;
  const unknown = asked.find((field) => !Object.hasOwn(fields, field));
  if (unknown !== undefined)
    return { code: 100, message: `(#100) Tried accessing nonexisting field (${unknown})` };
  return ok(Object.fromEntries([...asked, 'id'].map((field) => [field, fields[field]])));
}

function numberFields(world: World, number: SimulatedNumber): Record<string, unknown> {
  return {
    id: number.phoneNumberId,
    display_phone_number: `+${number.phone}`,
    verified_name: 'Simulated business',
    quality_rating: number.quality,
    status: number.registered ? 'CONNECTED' : 'DISCONNECTED',
    throughput: { level: number.ratePerSecond > 80 ? 'HIGH' : 'STANDARD' },
    whatsapp_business_manager_messaging_limit: tierOf(number.dailyLimit),
    health_status: healthOf(world, number),
  };
}

function tierOf(limit: number): string {
  if (limit === 0) return 'TIER_UNLIMITED';
  return limit >= 1000 ? `TIER_${limit / 1000}K` : `TIER_${limit}`;
}
