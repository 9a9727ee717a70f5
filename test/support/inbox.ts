import type { Db } from '../../db/connect';
import { createApiKey } from '../../usecases/apiKey';
import { DateTime } from 'luxon';
import { startApi, type Answer, type TestApi } from './api';
import { buildWorld, type World } from './build';
import { createTestDatabase } from './database';

/** A uuid that nothing has. */
export const ABSENT = '00000000-0000-4000-8000-000000000000';

export const LIST = '/v1/messaging/conversations';
export const AGENTS = '/v1/messaging/agents';

type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

export interface InboxWorld {
  db: Db;
  url: string;
  world: World;
  api: TestApi;
  /** With a key that may do everything. */
  call: Call;
  /** With a key of these scopes, and of this agent. */
  as(scopes: string[], agentId?: string): Promise<Call>;
  close(): Promise<void>;
}

/** An account with a sender and the API over it. */
export async function startInbox(): Promise<InboxWorld> {
  const database = await createTestDatabase();
  const { db } = database;
  const world = await buildWorld(db, { recipients: 0 });
  const api = await startApi(db, { accountId: world.accountId });
  const as = async (scopes: string[], agentId?: string): Promise<Call> => {
    const input = { accountId: world.accountId, name: 'test', scopes, agentId };
    const { secret } = await createApiKey({ db, clock: { now: () => DateTime.utc() } }, input);
    return bearer(api, secret);
  };
  return {
    db,
    url: database.url,
    world,
    api,
    call: bearer(api, api.key),
    as,
    close: async () => {
      await api.close();
      await database.drop();
    },
  };
}

/** The API with this secret where the inbox's clients put it. */
export function bearer(api: TestApi, secret: string): Call {
  return (method, path, body) =>
    api.call(method, path, body, { Authorization: `Bearer ${secret}`, 'X-Dexatel-Key': '' });
}

export interface Customer {
  phone?: string;
  first_name?: string;
  last_name?: string;
}

/** The conversation of a customer with the world's sender; minutes are counted back from now. */
export async function buildChat(
  db: Db,
  { accountId, sender }: Pick<World, 'accountId' | 'sender'>,
  customer: Customer,
  values: {
    status?: 'open' | 'pending_customer' | 'resolved' | 'closed';
    mode?: 'ai' | 'human';
    assignee_id?: string;
    unread_count?: number;
    inbound?: number;
    outbound?: number;
  } = {},
): Promise<{ id: string; contactId: string }> {
  const { inbound, outbound, ...rest } = values;
  const contact = await db
    .insertInto('contacts')
    .values({ account_id: accountId, bsuid: customer.phone ? null : 'US.abc', ...customer })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id } = await db
    .insertInto('conversations')
    .values({
      account_id: accountId,
      sender_id: sender.id,
      contact_id: contact.id,
      last_inbound_at: inbound === undefined ? null : minutesAgo(inbound),
      last_outbound_at: outbound === undefined ? null : minutesAgo(outbound),
      ...rest,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, contactId: contact.id };
}

export function minutesAgo(minutes: number): Date {
  return DateTime.utc().startOf('second').minus({ minutes }).toJSDate();
}

/** The error body, whole: on 422 also each field's problem. */
export function expectError({ status, body }: Answer, wanted: number, error: string): void {
  expect({ status, body }).toMatchObject({
    status: wanted,
    body: { error, message: expect.stringMatching(/\S/) },
  });
  const keys = wanted === 422 ? ['error', 'message', 'errors'] : ['error', 'message'];
  expect(Object.keys(body)).toEqual(keys);
}
