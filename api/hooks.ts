import express, { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { HookHeaders, ProviderHooks } from '../usecases/providerHook';
import type { WebhookInbox } from '../usecases/webhookInbox';
import { onlyMethods } from './input';
import { operations } from './openapi/operation';

export interface HookDeps {
  hooks: ProviderHooks;
  inbox: WebhookInbox;
}

/** Meta batches up to a thousand updates; the documented maximum of a body is 3 MB. */
const LARGEST_BODY = '3mb';

const hookKey = z.object({
  hookKey: z.string().meta({ description: "Of the sender's hook_url." }),
});
const challenge = z.object({
  'hub.mode': z.literal('subscribe'),
  'hub.challenge': z.string(),
  'hub.verify_token': z.string(),
});
const CHALLENGE = { description: 'The challenge', content: { 'text/plain': z.string() } };
const BODY = { content: { '*/*': z.unknown() } };
const RECEIVED = { 200: { description: 'It is on disk', content: {} } };

export const hookOperations = operations('Provider hooks', {
  'GET /hooks/whatsapp/:hookKey': {
    summary: 'Verify a subscription',
    params: hookKey,
    query: challenge,
    answers: {
      200: CHALLENGE,
      403: { description: 'The token is not the one of the sender', content: {} },
    },
  },
  'POST /hooks/whatsapp/:hookKey': {
    summary: 'Receive webhooks of a sender',
    params: hookKey,
    body: BODY,
    answers: {
      ...RECEIVED,
      401: { description: 'The signature is missing or wrong', content: {} },
      404: { description: 'No sender has this hook', content: {} },
    },
    errors: ['payload_too_large'],
  },
  'GET /hooks/whatsapp': {
    summary: 'Verify the subscription of an app',
    description:
      'For an app whose one address serves several senders; each may name its own token.',
    query: challenge,
    answers: {
      200: CHALLENGE,
      403: { description: 'The token is not the one of any sender', content: {} },
    },
  },
  'POST /hooks/whatsapp': {
    summary: 'Receive webhooks by phone number id',
    body: BODY,
    answers: {
      ...RECEIVED,
      404: { description: 'No sender proves that the body is for it', content: {} },
    },
    errors: ['payload_too_large'],
  },
});

/**
 * Webhooks of the providers. The body is verified over its raw bytes, appended, and answered 200 when it is on disk;
 * a relay applies it later. What cannot be parsed is not the provider's concern.
 */
export function hooksRouter({ hooks, inbox }: HookDeps): Router {
  const router = Router();
  const raw = express.raw({ type: () => true, limit: LARGEST_BODY });

  router
    .route('/hooks/whatsapp/:hookKey')
    .get(async (request, response) => {
      const sender = await hooks.byKey(request.params.hookKey);
      await verifySubscription(request, response, (token) =>
        sender === null ? false : hooks.isVerifyToken(sender, token),
      );
    })
    .post(raw, async (request: Request<{ hookKey: string }>, response: Response) => {
      const sender = await hooks.byKey(request.params.hookKey);
      if (!sender) return void response.status(404).end();
      const verdict = hooks.check(sender, bodyOf(request), proofOf(request));
      if (verdict === 'bad_signature') return void response.status(401).end();
      if (verdict === 'accepted')
        await inbox.append({ senderId: sender.id, body: bodyOf(request) });
      response.status(200).end();
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/hooks/whatsapp')
    .get((request, response) =>
      verifySubscription(request, response, (token) => hooks.isAnyVerifyToken(token)),
    )
    .post(raw, async (request: Request, response: Response) => {
      const entries = await hooks.byBody(bodyOf(request), proofOf(request));
      if (entries.length === 0) return void response.status(404).end();
      await Promise.all(entries.map((entry) => inbox.append(entry)));
      response.status(200).end();
    })
    .all(onlyMethods('GET', 'POST'));

  return router;
}

function proofOf(request: Pick<Request, 'get'>): HookHeaders {
  return {
    signature: request.get('X-Hub-Signature-256'),
    authorization: request.get('Authorization'),
  };
}

function bodyOf(request: Pick<Request, 'body'>): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

async function verifySubscription(
  request: Pick<Request, 'query'>,
  response: Response,
  isKnown: (token: string) => boolean | Promise<boolean>,
): Promise<void> {
  const { 'hub.mode': mode, 'hub.challenge': challenge, 'hub.verify_token': token } = request.query;
  const asked = mode === 'subscribe' && typeof challenge === 'string' && typeof token === 'string';
  if (!asked || !(await isKnown(token))) {
    response.status(403).end();
    return;
  }
  response.type('text/plain').send(challenge);
}
