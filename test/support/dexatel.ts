import type { Db } from '../../db/connect';
import { buildWorld, type World } from './build';
import { startApi, type Answer, type TestApi, type TestApiOptions } from './api';
import { createTestDatabase } from './database';

/** A uuid that nothing has. */
export const ABSENT = '00000000-0000-4000-8000-000000000000';

export interface DexatelWorld {
  db: Db;
  world: World;
  api: TestApi;
  /** The same API with the key of another account. */
  foreign: TestApi;
  close(): Promise<void>;
}

/** Two accounts, one of them with a sender, a template, three contacts and a finished campaign named `Taken`. `media` looks at links. */
export async function startDexatel(
  options: Pick<TestApiOptions, 'media'> = {},
): Promise<DexatelWorld> {
  const database = await createTestDatabase();
  const world = await buildWorld(database.db, { recipients: 3 });
  await database.db
    .updateTable('campaigns')
    .set({ name: 'Taken', status: 'completed' })
    .where('id', '=', world.campaign.id)
    .execute();
  const other = await database.db
    .insertInto('accounts')
    .values({ name: 'Other' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const api = await startApi(database.db, { accountId: world.accountId, ...options });
  const foreign = await startApi(database.db, { accountId: other.id });
  return {
    db: database.db,
    world,
    api,
    foreign,
    close: async () => {
      await api.close();
      await foreign.close();
      await database.drop();
    },
  };
}

/** Good requests, each with the changes that a test is about. */
export const campaign = (world: World, changes: Record<string, unknown> = {}) => ({
  data: {
    channel: 'whatsapp',
    from: world.sender.name,
    template: world.template.id,
    audience: world.audienceId,
    schedule: '2999-03-01 09:00:00',
    ...changes,
  },
});

export const contact = (changes: object) => ({ data: { number: '15551112222', ...changes } });
export const audience = (changes: object) => ({
  data: { name: 'New', channel: 'WHATSAPP', ...changes },
});
export const template = (changes: object) => ({
  data: {
    channel: 'WHATSAPP',
    name: 'news',
    text: 'Hi',
    wa_sender_code: 'MyBusiness',
    wa_category: 'MARKETING',
    ...changes,
  },
});
/** A text from the world's sender, which needs an open window. */
export const message = (changes: object) => ({
  data: {
    channel: 'WHATSAPP',
    from: 'MyBusiness',
    to: ['14155552671'],
    type: 'text',
    text: 'Hi Sarah!',
    ...changes,
  },
});
const provider = {
  kind: 'cloud_api',
  base_url: 'https://x.example',
  phone_number_id: '1',
  token: 't',
};
export const sender = (changes: object) => ({
  data: { name: 'Second', channel: 'WHATSAPP', phone: '15550009999', provider, ...changes },
});

/** The error body, whole: one entry with these fields in this order. */
export function expectError(
  { status, body }: Pick<Answer, 'status' | 'body'>,
  wanted: number,
  code: number,
): void {
  expect({ status, body }).toMatchObject({
    status: wanted,
    body: { errors: [{ status: wanted, code }] },
  });
  expect(body.errors).toHaveLength(1);
  expect(Object.keys(body.errors[0])).toEqual([
    'timestamp',
    'path',
    'method',
    'status',
    'message',
    'code',
  ]);
  expect(body.errors[0]).toMatchObject({
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    path: expect.stringMatching(/^\/v1\/[^?]*$/),
  });
}
