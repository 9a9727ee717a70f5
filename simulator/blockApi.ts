import { z } from 'zod';
import { parsePhone, phoneDigits } from '../domain/phone';
import { graphErrorStatus, graphErrorTitle } from '../wire/graphError';
import { shapeProblem } from '../wire/requestProblem';
import { ok, readJson, type Answer } from './answers';
import type { SimulatedNumber } from './config';
import { errorBody, UNSUPPORTED, type GraphError } from './graphError';
import type { World } from './world';

const usersShape = z.strictObject({
  messaging_product: z.literal('whatsapp'),
  block_users: z.array(z.strictObject({ user: z.string() })).min(1),
});

/** Users whom a number has blocked: they cannot write to it, and it cannot write to them. */
export function answerBlockedUsers(
  world: World,
  number: SimulatedNumber,
  { method, raw, query }: { method: string; raw: Buffer; query: URLSearchParams },
): Answer | GraphError {
  if (method === 'GET') return list(world, number, query);
  if (method !== 'POST' && method !== 'DELETE') return UNSUPPORTED;
  const json = readJson(raw);
  const parsed = usersShape.safeParse(json);
  if (!parsed.success) return shapeProblem(parsed.error, json);
  const users = parsed.data.block_users.map(({ user }) => user);
  return method === 'POST' ? block(world, number, users) : unblock(world, number, users);
}

function list(world: World, number: SimulatedNumber, query: URLSearchParams): Answer {
  const limit = Number(query.get('limit') ?? 25);
  const after = Number(query.get('after') ?? 0);
  const all = world.blockedUsers(number);
  const page = all.slice(after, after + limit);
  const end = after + page.length;
  return ok({
    data: page.map((wa_id) => ({ messaging_product: 'whatsapp', wa_id })),
    paging: { cursors: { before: String(after), after: String(end) } },
  });
}

function block(world: World, number: SimulatedNumber, users: readonly string[]): Answer {
  const added: object[] = [];
  const failed: object[] = [];
  for (const input of users) {
    const phone = parsePhone(input);
    const wa_id = phone === null ? null : phoneDigits(phone);
    if (wa_id !== null && world.windowOpen(number, wa_id)) {
      world.block(number, wa_id);
      added.push({ input, wa_id });
      continue;
    }
    const code = wa_id === null ? 131021 : 131047;
    const details =
      wa_id === null ? 'The number is not valid.' : 'User has not messaged in the last 24 hours';
    const errors = [{ message: graphErrorTitle(code), code, error_data: { details } }];
    failed.push({ input, ...(wa_id !== null && { wa_id }), errors });
  }
  const result = {
    messaging_product: 'whatsapp',
    block_users: { added_users: added, ...(failed.length > 0 && { failed_users: failed }) },
  };
  if (failed.length === 0) return ok(result);
  const error = {
    code: 139100,
    details: 'Failed to block some users, see the block_users response list for details',
  };
  return {
    kind: 'answer',
    status: graphErrorStatus(error.code),
    body: { ...result, ...errorBody(error) },
  };
}

function unblock(world: World, number: SimulatedNumber, users: readonly string[]): Answer {
  const removed = users.map((input) => {
    const wa_id = phoneDigits(parsePhone(input) ?? input);
    world.unblock(number, wa_id);
    return { input, wa_id };
  });
  return ok({ messaging_product: 'whatsapp', block_users: { removed_users: removed } });
}
