import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { EVENT_KINDS } from '../domain/event';
import { DomainError } from '../domain/errors';
import { formatReference } from '../domain/reference';
import type { AccountEvent } from '../db/event';
import type { CampaignProgress, Listener } from '../usecases/listener';
import { isStillValid } from '../usecases/apiKey';
import { callerOf, credentialFrom, requireScope } from './auth';
import type { Dialect, DialectDeps } from './dialect';
import { dexatel } from './dialects/dexatel/routes';
import { onlyMethods } from './input';
import { operations } from './openapi/operation';

/** A connection on which nothing moves is cut by somebody on the way: silence is never longer than this (milliseconds). */
const HEARTBEAT_MS = 15_000;
/** After a broken connection a browser waits this long (milliseconds). */
const RETRY_MS = 2_000;
const PLACE = /^[0-9]{1,15}$/;
const PROGRESS = 'campaign.progress';

const eventOperations = operations('Events', {
  'GET /v1/events': {
    summary: 'Follow what happens',
    description: [
      'Server-sent events, from now on or after the one that Last-Event-ID (or last_event_id) names; 0 is the first that',
      `is kept. Their names are ${EVENT_KINDS.join(', ')}; and ${PROGRESS}, about once a second while campaigns run, has`,
      'no id: it is not repeated.',
    ].join(' '),
    scope: 'events:read',
    query: z.object({ last_event_id: z.string().regex(PLACE).optional() }),
    answers: { 200: { content: { 'text/event-stream': z.string() } } },
  },
});

/** The live events: Dexatel's key or the inbox API's, Dexatel's errors. */
export const events: Dialect = {
  ...dexatel,
  name: 'events',
  operations: eventOperations,
  mounts: ['/v1/events'],
  credential: (request) =>
    credentialFrom(request, 'X-Dexatel-Key') ?? credentialFrom(request, 'Bearer'),
  routes(deps) {
    const router = Router();
    router
      .route('/v1/events')
      .get(requireScope('events:read'), async (request, response) => {
        await stream(deps, request, response);
      })
      .all(onlyMethods('GET'));
    return router;
  },
};

/** The header is what a browser sends when it connects again, so it is the newer of the two. */
function placeOf(request: Request): number | null {
  const given = request.get('Last-Event-ID') ?? request.query['last_event_id'];
  if (given === undefined || given === '') return null;
  if (typeof given === 'string' && PLACE.test(given)) return Number(given);
  throw new DomainError('invalid_request', "'last_event_id' is not the id of an event");
}

/** Ends when its key is revoked or expires. */
async function stream(deps: DialectDeps, request: Request, response: Response): Promise<void> {
  const caller = callerOf(response);
  const listener = await deps.live.listen(caller.accountId, placeOf(request));
  response.on('close', () => listener.close());
  if (response.destroyed) return listener.close();
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    // nginx would keep events until a buffer is full.
    'X-Accel-Buffering': 'no',
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  let checkedAt = deps.clock.now().toMillis();
  while (!listener.isOver) {
    const now = deps.clock.now().toMillis();
    if (now - checkedAt >= HEARTBEAT_MS) {
      if (!(await isStillValid(deps, caller))) break;
      checkedAt = now;
    }
    const text = await newsOf(listener);
    // Nothing more is read before the client has taken what it was sent, so that a slow one costs no memory.
    if (!response.write(text)) await drained(response);
  }
  listener.close();
  response.end();
}

/** What there is to tell; a comment when there has been nothing for a while. */
async function newsOf(listener: Listener): Promise<string> {
  const events = await listener.read();
  const news = [...events.map(renderEvent), ...listener.takeProgress().map(renderProgress)];
  if (news.length > 0) return news.join('');
  await listener.wait(HEARTBEAT_MS);
  return listener.hasNews ? '' : ':\n\n';
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
    if (response.destroyed) done();
  });
}

function renderEvent(event: AccountEvent): string {
  const { campaignId, position } = event;
  const ofCampaign = campaignId !== null && position !== null;
  const data = {
    id: event.id,
    type: event.kind,
    at: event.at.toISOString(),
    conversation_id: event.conversationId,
    message_id: ofCampaign ? formatReference(campaignId, position) : event.messageId,
    campaign_id: campaignId,
    ...event.data,
  };
  return `id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(data)}\n\n`;
}

function renderProgress({ campaignId, status, reason, progress }: CampaignProgress): string {
  const data = { type: PROGRESS, campaign_id: campaignId, status, reason, progress };
  return `event: ${PROGRESS}\ndata: ${JSON.stringify(data)}\n\n`;
}
