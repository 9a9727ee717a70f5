import { openDatabase, type Db } from '../../db/connect';
import { eventually } from '../support/eventually';
import { startTestStack, type TestStack } from '../support/stack';

/** `CASEMENT_E2E_INBOUND=5000` runs the kill test at the size of the promise. */
const MESSAGES = Number(process.env.CASEMENT_E2E_INBOUND ?? 1_000);
const CUSTOMERS = MESSAGES / 10;
/** Webhooks that the provider has under way at once. */
const AT_ONCE = 40;

let stack: TestStack;
let db: Db;

beforeAll(async () => {
  stack = await startTestStack();
  db = openDatabase(stack.stack.description().database, { max: 2 });
}, 120_000);

afterAll(async () => {
  await db?.destroy();
  await stack?.stop();
});

const stored = async (): Promise<{ all: number; distinct: number; conversations: number }> =>
  db
    .selectFrom('messages')
    .select(({ fn }) => [
      fn.countAll<number>().as('all'),
      fn.count<number>('wamid').distinct().as('distinct'),
      fn.count<number>('conversation_id').distinct().as('conversations'),
    ])
    .where('direction', '=', 'inbound')
    .executeTakeFirstOrThrow();

/** How many conversations there are, and what the most recent one shows. */
async function inboxPage(): Promise<{ total: number; unread: number; newest: number }> {
  const { api, keys } = stack.stack.description();
  const get = async (path: string) => {
    const headers = { Authorization: `Bearer ${keys.inbox}` };
    const response = await fetch(`${api}/v1/messaging/conversations${path}`, { headers });
    expect(response.status).toBe(200);
    return response.json() as Promise<unknown>;
  };
  const list = (await get('?limit=1')) as {
    data: { id: string; unreadCount: number }[];
    meta: { total: number };
  };
  const [first] = list.data;
  const shown = (await get(`/${first!.id}`)) as { data: { messages: unknown[] } };
  return {
    total: list.meta.total,
    unread: first!.unreadCount,
    newest: shown.data.messages.length,
  };
}

function kill(program: 'api' | 'worker'): void {
  const pid = stack.stack.description().pids[program];
  if (pid !== null) process.kill(pid, 'SIGKILL');
}

test('kill -9 of api and worker while customers write: every message is in the inbox once', async () => {
  // A webhook each; what is not answered with 200 comes again, until it is.
  await stack.simulator.faults({ webhook: { batch_size: 1, drop_first_attempt_every: 9 } });
  let next = 0;
  const write = async (): Promise<void> => {
    for (let n = next++; n < MESSAGES; n = next++) {
      await stack.simulator.inbound(String(15554000000 + (n % CUSTOMERS)), `message ${n}`);
    }
  };
  const writing = Promise.all(Array.from({ length: AT_ONCE }, write));
  for (const share of [0.2, 0.5, 0.8]) {
    await eventually(() => next >= MESSAGES * share, { withinMs: 60_000 });
    kill('api');
    kill('worker');
  }
  await writing;
  const complete = async () => {
    expect(await stored()).toEqual({
      all: MESSAGES,
      distinct: MESSAGES,
      conversations: CUSTOMERS,
    });
  };
  await eventually(complete, { withinMs: 120_000, everyMs: 250 });

  // As an agent sees it.
  const { sum } = await db
    .selectFrom('conversations')
    .select(({ fn }) => fn.sum<number>('unread_count').as('sum'))
    .executeTakeFirstOrThrow();
  expect(sum).toBe(MESSAGES);
  expect(await inboxPage()).toEqual({ total: CUSTOMERS, unread: 10, newest: 10 });
  // Nothing more comes of what was delivered twice.
  const waiting = await db
    .selectFrom('webhook_inbox')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  expect(waiting.count).toBe(0);
}, 240_000);
