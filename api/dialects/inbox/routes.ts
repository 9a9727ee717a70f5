import { Router, type Request, type RequestHandler, type Response } from 'express';
import {
  changeConversation,
  createAgent,
  getHistory,
  listAgents,
  listConversations,
  markRead,
} from '../../../usecases/inbox';
import { callerOf, credentialFrom, requireScope } from '../../auth';
import type { Dialect, DialectDeps } from '../../dialect';
import { idempotency } from '../../idempotency';
import { onlyMethods } from '../../input';
import { errorBody, ERRORS, renderError } from './errors';
import { inboxOperations } from './operations';
import {
  renderAgent,
  renderConversation,
  renderHistoryMeta,
  renderInboxMeta,
  renderMessage,
  renderMeta,
} from './render';
import {
  parseAgent,
  parseChange,
  parseHistory,
  parseList,
  parsePage,
  pathId,
  sliceOf,
} from './schema';
import { sendRoutes } from './sends';

const READ = requireScope('messaging:conversations:read');
const READ_MESSAGES = requireScope('messaging:messages:read');
const WRITE = requireScope('messaging:conversations:write');
const SEND = requireScope('messaging:messages:send');

/** The inbox API: an account's conversations, read and answered. Changing them, and agents, are our extensions. */
export const inbox: Dialect = {
  name: 'inbox',
  security: { type: 'http', scheme: 'bearer' },
  operations: inboxOperations,
  errors: ERRORS,
  errorBody,
  rateRules: ({ inbox: limit }) => [{ limit, seconds: 60 }],
  mounts: ['/v1/messaging'],
  credential: (request) => credentialFrom(request, 'Bearer'),
  renderError,
  routes(deps, jsonBody) {
    const body = [...jsonBody, idempotency(deps)];
    const router = Router();
    conversationRoutes(router, deps, [WRITE, ...body]);
    sendRoutes(router, deps, [SEND, ...body]);
    agentRoutes(router, deps, [WRITE, ...body]);
    return router;
  },
};

function conversationRoutes(router: Router, deps: DialectDeps, body: RequestHandler[]): void {
  router
    .route('/v1/messaging/conversations')
    .get(READ, async (request, response) => {
      const { filter, page } = parseList(request);
      const result = await listConversations(deps, callerOf(response), filter, sliceOf(page));
      response.json({
        message: 'Conversations retrieved',
        data: result.rows.map(renderConversation),
        meta: renderInboxMeta(page, result),
      });
    })
    .all(onlyMethods('GET'));

  router
    .route('/v1/messaging/conversations/:id')
    .get(READ_MESSAGES, async (request, response) => {
      const id = pathId(request);
      const history = await getHistory(deps, callerOf(response), id, parseHistory(request));
      const conversation = renderConversation(history.conversation);
      const data = { ...conversation, messages: history.messages.map(renderMessage) };
      const meta = renderHistoryMeta(history);
      response.json({ message: 'Conversation retrieved', data, meta });
    })
    .patch(body, async (request: Request, response: Response) => {
      const id = pathId(request);
      const row = await changeConversation(deps, callerOf(response), id, parseChange(request));
      response.json({ message: 'Conversation updated', data: renderConversation(row) });
    })
    .all(onlyMethods('GET', 'PATCH'));

  router
    .route('/v1/messaging/conversations/:id/read')
    .post(WRITE, async (request, response) => {
      const row = await markRead(deps, callerOf(response), pathId(request));
      response.json({ message: 'Conversation marked as read', data: renderConversation(row) });
    })
    .all(onlyMethods('POST'));
}

function agentRoutes(router: Router, deps: DialectDeps, body: RequestHandler[]): void {
  router
    .route('/v1/messaging/agents')
    .get(READ, async (request, response) => {
      const page = parsePage(request);
      const result = await listAgents(deps, callerOf(response), sliceOf(page));
      response.json({
        message: 'Agents retrieved',
        data: result.rows.map(renderAgent),
        meta: renderMeta(page, result),
      });
    })
    .post(body, async (request: Request, response: Response) => {
      const agent = await createAgent(deps, callerOf(response), parseAgent(request));
      response.status(201).json({ message: 'Agent created', data: renderAgent(agent) });
    })
    .all(onlyMethods('GET', 'POST'));
}
