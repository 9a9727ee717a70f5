import { DateTime } from 'luxon';
import type { Db } from '../../db/connect';
import { wakeLostEndpoints } from '../../usecases/eventRelay';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { buildEndpoint, relayAll } from '../support/events';
import { assign } from '../support/webhooks';

const HEARD = { kinds: ['conversation.assigned' as const] };

let database: TestDatabase;
let db: Db;
let world: World;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.db;
  world = await buildWorld(db, { recipients: 0 });
});

afterEach(() => database.drop());

/** Signals that wait in the outbox for workflows. */
const told = async () =>
  (
    await db.selectFrom('workflow_signals').select(['workflow_id', 'signal', 'input']).execute()
  ).map(({ workflow_id, signal, input }) => [workflow_id, signal, input]);

async function sweepIn(minutes: number): Promise<{ woken: number; logged: object[] }> {
  const logged: object[] = [];
  const clock = { now: () => DateTime.utc().plus({ minutes }) };
  const log = { warn: (fields: object) => void logged.push(fields) };
  return { woken: await wakeLostEndpoints({ db, clock, log }), logged };
}

test('events of an account become deliveries of the endpoints that hear them, and one signal each', async () => {
  const hearing = await buildEndpoint(db, world.accountId, HEARD);
  await buildEndpoint(db, world.accountId, { kinds: ['message.received'] });
  await buildEndpoint(db, world.accountId, { ...HEARD, enabled: false });
  const other = await buildWorld(db, { recipients: 0 });
  await buildEndpoint(db, other.accountId, HEARD);
  await assign(db, world.accountId, [1, 2, 3]);
  await relayAll(db);
  const deliveries = await db.selectFrom('webhook_deliveries').selectAll().execute();
  expect(deliveries.map(({ endpoint_id }) => endpoint_id)).toEqual(Array(3).fill(hearing.id));
  expect(await told()).toEqual([
    [`webhook/${hearing.id}`, 'wake', { endpointId: hearing.id, accountId: world.accountId }],
  ]);
});

test('an endpoint that nobody looks at is woken by the sweep, once in a while', async () => {
  const { id } = await buildEndpoint(db, world.accountId, HEARD);
  await assign(db, world.accountId, [1]);
  await relayAll(db);
  await db.deleteFrom('workflow_signals').execute();
  expect(await sweepIn(4)).toEqual({ woken: 0, logged: [] });
  expect(await sweepIn(6)).toEqual({ woken: 1, logged: [{ endpoints: [id] }] });
  expect(await told()).toMatchObject([[`webhook/${id}`, 'wake', {}]]);
  expect((await sweepIn(6)).woken).toBe(0);
});

test('one that is left alone, disabled or without anything to send is not lost', async () => {
  const build = () => buildEndpoint(db, world.accountId, HEARD);
  const [down, disabled, resting] = [await build(), await build(), await build()];
  await assign(db, world.accountId, [1]);
  await relayAll(db);
  const later = { retry_at: DateTime.utc().plus({ hours: 1 }).toJSDate() };
  const set = (id: string, values: object) =>
    db.updateTable('webhook_endpoints').set(values).where('id', '=', id).execute();
  await set(down.id, later);
  await set(disabled.id, { enabled: false });
  await db
    .updateTable('webhook_deliveries')
    .set({ status: 'delivered' })
    .where('endpoint_id', '=', resting.id)
    .execute();
  expect((await sweepIn(10)).woken).toBe(0);
  expect((await sweepIn(70)).woken).toBe(1);
});
