import type { AddressInfo } from 'node:net';
import { DateTime } from 'luxon';
import type { Express } from 'express';
import { createApp } from '../../api/app';
import { hooksRouter } from '../../api/hooks';
import type { Db } from '../../db/connect';
import type { Notifications } from '../../db/notifications';
import type { Clock, Provider } from '../../domain/ports';
import { createUrlGuard } from '../../outbound/guard';
import { createLog } from '../../runtime/log';
import { createSecretBox } from '../../runtime/secretBox';
import type { Answers } from '../../usecases/answers';
import type { MediaChecks } from '../../usecases/mediaCheck';
import { createApiKey } from '../../usecases/apiKey';
import { ProviderHooks } from '../../usecases/providerHook';
import { LiveEvents } from '../../usecases/liveEvents';
import { WebhookInbox } from '../../usecases/webhookInbox';
import { expectDescribed } from './openapi';

/** An answer as a test reads it: `body` is parsed JSON, or text when it is not JSON. */
export interface Answer {
  status: number;
  headers: Headers;
  // Tests look into answers of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

export interface TestApi {
  live: LiveEvents;
  app: Express;
  url: string;
  key: string;
  /** Ids whose workflows the API tried to tell. */
  signaled: string[];
  /** `body` is sent as JSON unless it is text or bytes. Every answer must be as the OpenAPI document says. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  close(): Promise<void>;
}

export interface TestApiOptions {
  accountId: string;
  scopes?: string[];
  /** The number that the key speaks for. */
  senderId?: string;
  /** Of every dialect; at the Cloud API's paths it is the rate per second. */
  ratePerMinute?: number;
  /** Requests without a valid key per minute. */
  refusedLimit?: number;
  trustedProxies?: number;
  clock?: Clock;
  /** Absent: nobody sends, and requests do not wait. */
  answers?: Pick<Answers, 'wait'>;
  /** Absent: live events are found by looking alone. */
  notifications?: Pick<Notifications, 'on'>;
  /** Absent: every link will do. */
  media?: Pick<MediaChecks, 'check'>;
  /** Webhooks may go to this machine. */
  allowPrivate?: boolean;
  /** Absent: a request that needs the provider fails. */
  provider?: Provider;
}

/** A real API on a free port, with a key of the account. Nothing but Temporal and the provider is missing. */
export async function startApi(db: Db, options: TestApiOptions): Promise<TestApi> {
  const clock = options.clock ?? { now: () => DateTime.utc() };
  const signaled: string[] = [];
  const deps = {
    db,
    clock,
    secrets: createSecretBox(Buffer.alloc(32, 7).toString('base64')),
    providerFor: () => {
      if (options.provider) return options.provider;
      throw new Error('This test has no provider.');
    },
    deliverSignals: (ids: readonly string[]) => void signaled.push(...ids),
    urlGuard: createUrlGuard({ allowPrivate: options.allowPrivate ?? false }),
    publicUrl: 'https://casement.example',
    answers: options.answers ?? { wait: () => Promise.resolve() },
    live: new LiveEvents(db, options.notifications ?? { on: () => () => undefined }, {
      everyMs: 50,
    }),
    media: options.media ?? { check: () => Promise.resolve() },
  };
  const { secret } = await createApiKey(deps, {
    accountId: options.accountId,
    name: 'test',
    scopes: options.scopes ?? ['*'],
    ...(options.senderId && { senderId: options.senderId }),
  });
  const log = createLog('silent', 'test');
  const hooks = hooksRouter({
    hooks: new ProviderHooks(db, deps.secrets, () => clock.now().toMillis()),
    inbox: new WebhookInbox(db),
  });
  const ratePerMinute = options.ratePerMinute ?? 100_000;
  const rateLimits = { dexatel: ratePerMinute, inbox: ratePerMinute, cloud: ratePerMinute };
  const { refusedLimit = 100_000, trustedProxies = 0 } = options;
  const app = createApp(deps, { log, rateLimits, refusedLimit, trustedProxies, hooks });
  const server = await new Promise<ReturnType<typeof app.listen>>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    // Longer than any test is busy with itself: a connection that times out meanwhile is reset under its next request.
    listening.keepAliveTimeout = 60_000;
  });
  // On a busy machine a connection may rest longer than Node's 5 seconds, and end as the next request leaves.
  server.keepAliveTimeout = 60_000;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    app,
    live: deps.live,
    url,
    key: secret,
    signaled,
    call: (method, path, body, headers = {}) =>
      call(url, method, path, body, { 'X-Dexatel-Key': secret, ...headers }),
    close: async () => {
      deps.live.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function call(
  url: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const raw = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(raw || body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = { status: response.status, headers: response.headers, body: parsed(text) };
  const type = response.headers.get('content-type');
  expectDescribed({ method, path, sent: raw ? undefined : body, type, ...answer });
  return answer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
