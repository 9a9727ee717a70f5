import { randomUUID } from 'node:crypto';
import { openDatabase, type Db } from '../../db/connect';
import { eventually } from '../support/eventually';
import { startTestStack, type TestStack } from '../support/stack';

const CUSTOMERS = 60;
const TEXTS_EACH = 4;

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

const phoneOf = (customer: number): string => String(15553000000 + customer);

interface Sent {
  id: string;
  status: string;
}

const send = (customer: number, text: string): Promise<Sent[]> =>
  stack.api.call('POST', '/v1/messages', {
    channel: 'WHATSAPP',
    from: 'MyBusiness',
    to: [phoneOf(customer)],
    type: 'text',
    text,
  });

async function states(ids: string[]): Promise<string[]> {
  const rows = await db.selectFrom('messages').select('status').where('id', 'in', ids).execute();
  return rows.map(({ status }) => status);
}

test('kill -9 of the worker: every message ends once, and none is sent twice', async () => {
  const customers = Array.from({ length: CUSTOMERS }, (_, n) => n);
  const { sender } = stack.stack.description();
  await stack.api.call('PATCH', `/v1/senders/${sender.id}`, { rate_per_second: 1_000 });
  await stack.simulator.faults({ rate_per_second: 100_000, latency_ms: 100 });
  await Promise.all(customers.map((n) => stack.simulator.inbound(phoneOf(n), 'Hello?')));
  const opened = async () => {
    const { open } = await db
      .selectFrom('conversations')
      .select(({ fn }) => fn.countAll<number>().as('open'))
      .where('window_open', '=', true)
      .executeTakeFirstOrThrow();
    expect(open).toBe(CUSTOMERS);
  };
  await eventually(opened, { withinMs: 20_000 });

  const before = await stack.simulator.stats();
  const run = randomUUID();
  const answers = Promise.all(
    customers.map(async (n) => {
      const sent: Sent[] = [];
      for (let text = 0; text < TEXTS_EACH; text += 1) {
        sent.push(...(await send(n, `${run} ${n} ${text}`)));
      }
      return sent;
    }),
  );
  await eventually(
    async () => {
      const { accepted } = await stack.simulator.stats();
      expect(accepted - before.accepted).toBeGreaterThan(CUSTOMERS);
    },
    { withinMs: 30_000 },
  );
  process.kill(stack.stack.description().pids.worker!, 'SIGKILL');

  const ids = (await answers).flat().map(({ id }) => id);
  expect(ids).toHaveLength(CUSTOMERS * TEXTS_EACH);
  const settled = async () => {
    const now = await states(ids);
    expect(now.filter((state) => ['pending', 'claimed'].includes(state))).toEqual([]);
  };
  await eventually(settled, { withinMs: 60_000 });
  const ends = await states(ids);
  const unknown = ends.filter((state) => state === 'unknown').length;
  expect(unknown).toBeLessThanOrEqual(64);
  expect(ends.every((state) => ['unknown', 'sent', 'delivered', 'read'].includes(state))).toBe(
    true,
  );
  // Each text is one of a kind: the provider took it once, or never.
  for (const n of customers) {
    const messages = await stack.simulator.messagesTo(phoneOf(n));
    const texts = messages.flatMap(({ body }) => body?.text?.body ?? []);
    const mine = texts.filter((text) => text.startsWith(run));
    expect(new Set(mine).size).toBe(mine.length);
    expect(mine).toEqual(mine.toSorted((x, y) => x.localeCompare(y)));
  }
}, 180_000);
