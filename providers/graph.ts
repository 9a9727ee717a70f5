import type { Provider, ProviderOptions, SendOutcome } from '../domain/ports';
import { parseSendResponse, readMarkBody, sendBody } from '../wire/cloudApi';
import { parseHealth } from '../wire/health';
import { parseSuccess } from '../wire/media';
import { openCallClient } from './calls';
import { openSendingClient, type PostResult } from './http';
import { createMediaStore, type MediaEndpoint } from './media';
import { isSuccess, notDone, outcomeOf, readJson, type Judge } from './outcome';
import { createTemplateStore, type TemplateEndpoint } from './templates';

/** Where an API of the Cloud API's shape is found, and what opens it. */
export interface GraphEndpoint {
  credentials: Record<string, string>;
  messages: URL;
  marketingMessages: URL;
  health: URL;
  media: MediaEndpoint;
  /** Null where the settings do not say whose templates these are. */
  templates: TemplateEndpoint | null;
  /** Statuses of 500 and above with which the API refuses a request that it did not pass on. */
  refusals: readonly number[];
}

/** Makes the URLs below a base that may have a path of its own; `path` begins with a slash. */
export function urlsBelow(baseUrl: string): (path: string, query?: Record<string, string>) => URL {
  const base = baseUrl.replace(/\/+$/, '');
  return (path, query = {}) => {
    const url = new URL(base + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  };
}

/**
 * A provider that speaks the Cloud API. Paths and headers are computed once, so that sending costs one
 * `JSON.stringify`, one POST and one `JSON.parse`.
 */
export function createGraphProvider(endpoint: GraphEndpoint, options: ProviderOptions): Provider {
  const { credentials, messages, marketingMessages } = endpoint;
  const sending = openSendingClient(messages.origin, credentials, options);
  const calls = openCallClient(credentials, options);
  const judge: Judge = (result) => notDone(result, endpoint.refusals);

  return {
    send: (message) =>
      sending
        .post(
          (message.marketing === undefined ? messages : marketingMessages).pathname,
          JSON.stringify(sendBody(message)),
        )
        .then((result) => sendOutcome(result, judge)),
    async markRead(wamid, { typing = false } = {}) {
      const body = JSON.stringify(readMarkBody(wamid, typing));
      return outcomeOf(await sending.post(messages.pathname, body), judge, parseSuccess);
    },
    async health() {
      const result = await calls.call({ method: 'GET', url: endpoint.health });
      return outcomeOf(result, judge, parseHealth);
    },
    ...createMediaStore(calls, endpoint.media, judge),
    ...createTemplateStore(calls, endpoint.templates, judge),
    close: async () => {
      await Promise.all([sending.close(), calls.close()]);
    },
  };
}

function sendOutcome(result: PostResult, judge: Judge): SendOutcome {
  if (!isSuccess(result)) return judge(result);
  const accepted = parseSendResponse(readJson(result.body));
  if (accepted === null) return { kind: 'unknown', detail: 'the answer names no message' };
  return { kind: 'accepted', ...accepted };
}
