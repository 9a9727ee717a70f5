import type { IncomingHttpHeaders } from 'node:http';
import { graphErrorStatus } from '../wire/graphError';
import { refuse, type Answer } from './answers';
import type { GraphRequest, Routed } from './calls';
import type { SimulatedNumber } from './config';
import { routeDialog360 } from './dialog360Api';
import { errorBody, type GraphError } from './graphError';
import { downloadMedia } from './mediaApi';
import { bearerOf, isMetaPath, routeMeta } from './metaApi';
import type { World } from './world';

/** The provider's own routes, as Meta and as 360dialog serve them. */

const ATTACHMENTS = '/whatsapp_business/attachments/';
const MARKETING = '/marketing_messages';

/** True for the POSTs that count as sending. */
export function isSend({ method, path }: Pick<GraphRequest, 'method' | 'path'>): boolean {
  return method === 'POST' && (path.endsWith('/messages') || path.endsWith(MARKETING));
}

export async function answerGraph(world: World, request: GraphRequest): Promise<Answer> {
  const answer = await route(world, request);
  if (!('code' in answer)) return answer;
  if (isSend(request)) world.ledger.reject(answer.code);
  return request.path === MARKETING ? refuseMarketing(answer) : refuse(answer);
}

/** 360dialog wraps Meta's errors of this one endpoint. */
function refuseMarketing(error: GraphError): Answer {
  return {
    kind: 'answer',
    status: graphErrorStatus(error.code),
    body: { detail: errorBody(error) },
  };
}

function route(world: World, request: GraphRequest): Routed {
  const { path, query, headers } = request;
  // Both serve files at the same path.
  if (path === ATTACHMENTS) return downloadMedia(world, query, callerOf(world, headers));
  return isMetaPath(path) ? routeMeta(world, request) : routeDialog360(world, request);
}

/** The number whose token or key came along. */
function callerOf(world: World, headers: IncomingHttpHeaders): SimulatedNumber | undefined {
  const key = headers['d360-api-key'];
  const token = typeof key === 'string' ? key : bearerOf(headers.authorization);
  return token === null ? undefined : world.byToken(token);
}
