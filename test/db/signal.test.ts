import {
  enqueueSignal,
  forgetSignals,
  undeliveredSignals,
  type OutboxSignal,
} from '../../db/signal';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(() => database.db.deleteFrom('workflow_signals').execute());

afterAll(() => database.drop());

const fact = (changes: Partial<OutboxSignal> = {}): OutboxSignal => ({
  workflowId: 'campaign/1',
  workflowType: 'campaign',
  input: { campaignId: '1' },
  summary: 'Spring sale',
  signal: 'pause',
  payload: { revision: 1 },
  ...changes,
});

const all = () => undeliveredSignals(database.db, { olderThanMs: 0 }, 100);

test('an undelivered fact is replaced by the newer one of its kind', async () => {
  for (const revision of [1, 2, 3])
    await enqueueSignal(database.db, fact({ payload: { revision } }));
  expect(await all()).toMatchObject([{ signal: 'pause', payload: { revision: 3 }, version: 3 }]);
});

test('facts of other kinds and of other workflows are kept apart', async () => {
  await enqueueSignal(database.db, fact());
  await enqueueSignal(database.db, fact({ signal: 'resume' }));
  await enqueueSignal(database.db, fact({ workflowId: 'campaign/2' }));
  expect(await all()).toHaveLength(3);
  const own = await undeliveredSignals(database.db, { workflowIds: ['campaign/2'] }, 100);
  expect(own).toMatchObject([{ workflowId: 'campaign/2', workflowType: 'campaign' }]);
  expect(await undeliveredSignals(database.db, { workflowIds: [] }, 100)).toEqual([]);
});

test('what was replaced while it was being delivered is not forgotten', async () => {
  await enqueueSignal(database.db, fact());
  const [taken] = await all();
  await enqueueSignal(database.db, fact({ payload: { revision: 2 } }));
  await forgetSignals(database.db, [taken!]);
  const [newer] = await all();
  expect(newer).toMatchObject({ payload: { revision: 2 } });
  await forgetSignals(database.db, [newer!]);
  expect(await all()).toEqual([]);
});

test('forgetting waits for nobody who is replacing one of them', async () => {
  await enqueueSignal(database.db, fact());
  await enqueueSignal(database.db, fact({ workflowId: 'campaign/2' }));
  const told = await all();
  await database.db.transaction().execute(async (tx) => {
    await enqueueSignal(tx, fact({ payload: { revision: 2 } }));
    await forgetSignals(database.db, told);
  });
  expect(await all()).toMatchObject([{ workflowId: 'campaign/1', payload: { revision: 2 } }]);
});

test('a fact exists only if its transaction commits', async () => {
  const failed = database.db.transaction().execute(async (tx) => {
    await enqueueSignal(tx, fact());
    throw new Error('rolled back');
  });
  await expect(failed).rejects.toThrow('rolled back');
  expect(await all()).toEqual([]);
});

test('the sweep takes the oldest first and leaves the young ones to their requests', async () => {
  await enqueueSignal(database.db, fact({ workflowId: 'campaign/old' }));
  await database.db
    .updateTable('workflow_signals')
    .set({ created_at: new Date(Date.now() - 60_000) })
    .execute();
  await enqueueSignal(database.db, fact({ workflowId: 'campaign/young' }));
  const ids = async (olderThanMs: number, limit = 100) =>
    (await undeliveredSignals(database.db, { olderThanMs }, limit)).map((s) => s.workflowId);
  expect(await ids(30_000)).toEqual(['campaign/old']);
  expect(await ids(0)).toEqual(['campaign/old', 'campaign/young']);
  expect(await ids(0, 1)).toEqual(['campaign/old']);
});
