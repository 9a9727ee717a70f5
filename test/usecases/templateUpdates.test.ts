import { json, type Db } from '../../db/connect';
import { insertTemplate } from '../../db/template';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { deliver } from '../support/inbound';

let database: TestDatabase;
let db: Db;
let world: World;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.db;
  world = await buildWorld(db);
});

afterEach(() => database.drop());

const TIME = 1_777_000_000;

/** News of the world's template, by the provider's clock. */
function news(field: string, value: object, { time = TIME, waba = '2000001' } = {}): object {
  const about = {
    message_template_id: 77,
    message_template_name: world.template.name,
    message_template_language: 'en-US',
  };
  return { entry: [{ id: waba, time, changes: [{ field, value: { ...about, ...value } }] }] };
}

const status = (event: string, entry: { time?: number; waba?: string } = {}, reason?: string) =>
  news('message_template_status_update', { event, reason }, entry);

const template = (id = world.template.id) =>
  db.selectFrom('templates').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

test.each([
  ['APPROVED', 'approved'],
  ['REINSTATED', 'approved'],
  ['PENDING', 'in_review'],
  ['IN_APPEAL', 'in_review'],
  ['REJECTED', 'rejected'],
  ['PAUSED', 'paused'],
  ['paused', 'paused'],
  ['DISABLED', 'disabled'],
  ['LOCKED', 'disabled'],
  ['PENDING_DELETION', 'disabled'],
  ['DELETED', 'disabled'],
])('%s makes it %s', async (event, wanted) => {
  const before = wanted === 'approved' ? 'paused' : 'approved';
  await db.updateTable('templates').set({ status: before }).execute();
  await deliver(db, world, status(event, {}, 'WHY'));
  expect(await template()).toMatchObject({
    status: wanted,
    status_reason: 'WHY',
    provider_template_id: '77',
  });
});

test('words that say nothing of sending change nothing', async () => {
  await deliver(db, world, status('FLAGGED'), status('LIMIT_EXCEEDED'));
  expect((await template()).status).toBe('approved');
});

test('news that come late or again change nothing', async () => {
  await deliver(db, world, status('PAUSED', { time: TIME + 60 }));
  await deliver(db, world, status('APPROVED', { time: TIME }));
  expect((await template()).status).toBe('paused');
  await deliver(db, world, status('APPROVED', { time: TIME + 120 }));
  await deliver(db, world, status('PAUSED', { time: TIME + 60 }));
  expect((await template()).status).toBe('approved');
});

test('quality and category are kept', async () => {
  await deliver(
    db,
    world,
    news('message_template_quality_update', { new_quality_score: 'YELLOW' }),
    news('template_category_update', { new_category: 'UTILITY', previous_category: 'MARKETING' }),
  );
  expect(await template()).toMatchObject({ quality: 'YELLOW', category: 'UTILITY' });
  await deliver(
    db,
    world,
    news('message_template_quality_update', { new_quality_score: 'PURPLE' }),
    news('template_category_update', { new_category: 'NEWS' }),
  );
  expect(await template()).toMatchObject({ quality: 'YELLOW', category: 'UTILITY' });
});

describe('a template of the library', () => {
  const about = { message_template_name: 'of_the_library' };
  const told = (event: string, time: number) =>
    news('message_template_status_update', { ...about, event }, { time });
  const listedAt = async () =>
    (await db.selectFrom('senders').selectAll().executeTakeFirstOrThrow()).templates_listed_at;

  async function insert(body: string): Promise<string> {
    await db.updateTable('senders').set({ templates_listed_at: new Date() }).execute();
    return (
      await insertTemplate(db, {
        account_id: world.accountId,
        sender_id: world.sender.id,
        channel: 'WHATSAPP',
        name: about.message_template_name,
        category: 'UTILITY',
        status: 'in_review',
        body,
        library: json({ name: 'delivery_update_1' }),
        parameter_format: 'positional',
        placeholders: [],
        submitted_at: new Date(),
      })
    ).id;
  }

  test('that is approved before its parts are known stays as it is, and they are asked for', async () => {
    const id = await insert('');
    await deliver(db, world, told('APPROVED', TIME));
    expect(await template(id)).toMatchObject({
      status: 'in_review',
      status_at: null,
      provider_template_id: '77',
    });
    expect(await listedAt()).toBeNull();
    await deliver(db, world, told('PAUSED', TIME + 1));
    await deliver(db, world, told('APPROVED', TIME + 2));
    expect((await template(id)).status).toBe('paused');
  });

  test('whose parts are known is as any other', async () => {
    const id = await insert('Hello');
    await deliver(db, world, told('APPROVED', TIME));
    expect((await template(id)).status).toBe('approved');
    expect(await listedAt()).not.toBeNull();
  });
});

test('an edit at the provider has its templates asked for again', async () => {
  await db.updateTable('senders').set({ templates_listed_at: new Date() }).execute();
  await deliver(db, world, news('message_template_components_update', {}));
  const { templates_listed_at } = await db
    .selectFrom('senders')
    .select('templates_listed_at')
    .executeTakeFirstOrThrow();
  expect(templates_listed_at).toBeNull();
});

test('a template of another business account, or of another tenant, is not meant', async () => {
  const stranger = await buildWorld(db);
  await db
    .updateTable('templates')
    .set({ sender_id: world.sender.id })
    .where('id', '=', world.template.id)
    .execute();
  await deliver(db, world, status('PAUSED', { waba: '9999' }));
  expect((await template()).status).toBe('approved');
  await deliver(db, world, status('PAUSED'));
  expect((await template()).status).toBe('paused');
  expect((await template(stranger.template.id)).status).toBe('approved');
});
