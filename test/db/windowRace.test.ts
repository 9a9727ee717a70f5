import { setTimeout as wait } from 'node:timers/promises';
import { DateTime } from 'luxon';
import { createWindowActivities } from '../../activities/window';
import { WINDOW_MS } from '../../domain/conversation';
import type { Tx } from '../../db/connect';
import { lockConversations, receiveInConversations } from '../../db/conversation';
import type { Conversation } from '../../db/schema';
import { closeDueWindow } from '../../db/window';
import { buildWorld, type World } from '../support/build';
import { buildConversation, readConversation, windowEvents } from '../support/conversation';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** Long enough for the other side to reach the row's lock. */
const HOLD_MS = 100;

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await buildWorld(database.db);
});

afterAll(() => database.drop());

/** A window that has just expired and is not closed yet. */
const due = () =>
  buildConversation(database.db, world, { window_closes_at: new Date(Date.now() - 10) });

/** What an inbound message does, as far as the window goes. */
async function inbound(tx: Tx, { id, contact_id }: Conversation, lastAt: Date) {
  const { accountId, sender } = world;
  await lockConversations(tx, [{ accountId, senderId: sender.id, contactId: contact_id }]);
  return receiveInConversations(tx, [{ conversationId: id, spoken: 1, lastAt }]);
}

const close = ({ id }: Conversation) =>
  createWindowActivities({
    db: database.db,
    clock: { now: () => DateTime.utc() },
  }).closeWindow({ conversationId: id, number: 1 });

test('a close that waits for a message sees the deadline that it moved', async () => {
  const conversation = await due();
  const at = new Date();
  const message = database.db.transaction().execute(async (tx) => {
    const moves = await inbound(tx, conversation, at);
    await wait(HOLD_MS);
    return moves;
  });
  await wait(HOLD_MS / 2);
  const closesAt = at.getTime() + WINDOW_MS;
  expect(await close(conversation)).toEqual({ outcome: 'moved', closesAt });
  expect(await message).toMatchObject([{ opened: false, number: 1 }]);
  expect(await windowEvents(database.db, conversation.id)).toEqual([]);
  const after = await readConversation(database.db, conversation.id);
  expect(after).toMatchObject({ window_open: true, window_number: 1, status: 'open' });
});

test('a message that waits for a close finds the window closed and opens the next one', async () => {
  const conversation = await due();
  const closing = database.db.transaction().execute(async (tx) => {
    const closed = await closeDueWindow(
      tx,
      { conversationId: conversation.id, number: 1 },
      new Date(),
    );
    await wait(HOLD_MS);
    return closed;
  });
  await wait(HOLD_MS / 2);
  const moves = await database.db
    .transaction()
    .execute((tx) => inbound(tx, conversation, new Date()));
  expect(await closing).toEqual(conversation.window_closes_at);
  expect(moves).toMatchObject([{ opened: true, number: 2 }]);
  const after = await readConversation(database.db, conversation.id);
  expect(after).toMatchObject({ window_open: true, window_number: 2, status: 'open' });
});

test('whoever comes first, a window is closed once or not at all, and the customer has an open one', async () => {
  const conversations = await Promise.all(Array.from({ length: 60 }, due));
  const outcomes = await Promise.all(
    conversations.map(async (conversation) => {
      const message = database.db
        .transaction()
        .execute((tx) => inbound(tx, conversation, new Date()));
      const [found, moves] = await Promise.all([close(conversation), message]);
      return { id: conversation.id, found, moves };
    }),
  );
  for (const { id, found, moves } of outcomes) {
    const closed = found.outcome === 'done';
    expect(moves).toMatchObject([{ opened: closed, number: closed ? 2 : 1 }]);
    expect(await windowEvents(database.db, id)).toHaveLength(closed ? 1 : 0);
    expect((await readConversation(database.db, id)).window_open).toBe(true);
  }
});
