import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answers';
import { answerBlockedUsers } from './blockApi';
import type { SimulatedNumber } from './config';
import { UNSUPPORTED, type GraphError } from './graphError';
import { answerMedia, uploadMedia } from './mediaApi';
import { takeMessage } from './messages';
import { answerTemplate } from './templateApi';
import type { World } from './world';

export interface GraphRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  raw: Buffer;
  /** Milliseconds until a submitted template is decided. */
  reviewDelayMs: number;
}

/** A request by a number whose token or key was checked. */
export interface Call extends GraphRequest {
  number: SimulatedNumber;
}

export type Routed = Answer | GraphError | Promise<Answer | GraphError>;

/** What Meta and 360dialog both have below a number. */
export type NumberEdge = 'messages' | 'marketing_messages' | 'media' | 'block_users';

export function answerNumberEdge(world: World, edge: NumberEdge, call: Call): Routed {
  const { method, number, raw, headers } = call;
  if (edge === 'block_users') return answerBlockedUsers(world, number, call);
  if (method !== 'POST') return UNSUPPORTED;
  if (edge !== 'media') return takeMessage(world, number, { raw, edge });
  return uploadMedia(world, { number, raw, contentType: headers['content-type'] ?? '' });
}

/** What has an id of its own: files and templates. */
export function answerNode(
  world: World,
  id: string,
  edge: string | undefined,
  call: Call,
): Answer | GraphError {
  const { number, headers, method } = call;
  const media = world.media.find(id, world.now());
  if (media !== undefined) {
    if (media.wabaId !== number.wabaId || edge !== undefined) return UNSUPPORTED;
    const origin = `http://${headers.host ?? '127.0.0.1'}`;
    return answerMedia(world, media, method, { number, origin });
  }
  const template = world.templates.byId(id);
  const known =
    template !== undefined && (template.wabaId === null || template.wabaId === number.wabaId);
  return known ? answerTemplate(world, template, call, edge) : UNSUPPORTED;
}

/** Resumable uploads: `id` names the session; null opens one. */
export function answerUpload(
  world: World,
  id: string | null,
  { method, query, headers, raw }: GraphRequest,
): Answer | GraphError {
  if (id === null) return method === 'POST' ? world.uploads.open(query) : UNSUPPORTED;
  return world.uploads.answer(id, method, Number(headers.file_offset ?? 0), raw);
}
