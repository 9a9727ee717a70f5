import { MockActivityEnvironment } from '@temporalio/testing';
import { DateTime } from 'luxon';
import { createLaneActivities } from '../../activities/lane';
import { Slots } from '../../activities/slots';
import { Spacing } from '../../activities/spacing';
import { openPool, type Db } from '../../db/connect';
import { applyMessageStatuses } from '../../db/messageStatus';
import { Notifications } from '../../db/notifications';
import { parseSendexaId } from '../../wire/sendexaId';
import type { DeliveryStatus } from '../../domain/message';
import type { OutboundMessage, SendOutcome } from '../../domain/ports';
import { Answers } from '../../usecases/answers';
import { createApiKey, type CreateApiKey } from '../../usecases/apiKey';
import { startApi, type Answer, type TestApi, type TestApiOptions } from './api';
import { buildWorld, type World } from './build';
import { createTestDatabase } from './database';
import { accepted, ScriptedProvider } from './scriptedProvider';

export const SEND = '/v1/whatsapp/send';
export const RESEND = '/v1/whatsapp/resend';
export const status = (messageId: string) => `/v1/whatsapp/status/${messageId}`;

type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** An account whose number has a lane at work, and the API over it with a key of that number. */
export interface SendexaWorld {
  db: Db;
  world: World;
  api: TestApi;
  provider: ScriptedProvider;
  /** What the provider says to the next messages; it accepts unless told. */
  answerWith(answer: (message: OutboundMessage) => SendOutcome | Promise<SendOutcome>): void;
  call: Call;
  /** With another key. */
  as(key: Partial<CreateApiKey>): Promise<Call>;
  /** A status webhook of the provider. */
  report(
    messageId: string,
    status: DeliveryStatus,
    more?: { at?: Date; code?: number },
  ): Promise<void>;
  close(): Promise<void>;
}

/** `media` looks at links; absent: every link will do. */
export async function startSendexa(
  options: Pick<TestApiOptions, 'media' | 'clock' | 'provider'> = {},
): Promise<SendexaWorld> {
  const database = await createTestDatabase();
  const { db } = database;
  const world = await buildWorld(db, { recipients: 0 });
  const notifications = await Notifications.open(database.url);
  const api = await startApi(db, {
    accountId: world.accountId,
    senderId: world.sender.id,
    answers: new Answers(db, notifications, 5_000),
    ...options,
  });
  let answer: Parameters<SendexaWorld['answerWith']>[0] = accepted;
  const provider = new ScriptedProvider((message) => answer(message));
  const lane = await startLane(database.url, db, notifications, world, provider);
  return {
    db,
    world,
    api,
    provider,
    answerWith: (next) => void (answer = next),
    call: basic(api, api.key),
    as: async (key) => {
      const input = { accountId: world.accountId, name: 'test', scopes: ['*'], ...key };
      const { secret } = await createApiKey({ db, clock: { now: () => DateTime.utc() } }, input);
      return basic(api, secret);
    },
    report: async (messageId, status, { at = new Date(), code = null } = {}) => {
      const id = parseSendexaId('exa_wa', messageId)!;
      const row = { messageId: id, senderId: world.sender.id, status, at, wamid: `wamid.m.${id}` };
      await applyMessageStatuses(db, [{ ...row, errorCode: code }]);
    },
    close: async () => {
      await lane.stop();
      await api.close();
      await notifications.close();
      await database.drop();
    },
  };
}

/** The sender's lane as its workflow runs it, listening until it is stopped. */
async function startLane(
  url: string,
  db: Db,
  notifications: Notifications,
  world: World,
  provider: ScriptedProvider,
): Promise<{ stop(): Promise<void> }> {
  const pool = openPool(url);
  const activities = createLaneActivities({
    db,
    pool,
    clock: { now: () => DateTime.utc() },
    slots: new Slots(64),
    spacing: new Spacing(),
    providerFor: () => provider,
    notifications,
    settings: {
      missedStartMs: 0,
      unknownAfterMs: 0,
      sendTimeoutMs: 1_000,
      laneLingerMs: 600_000,
    },
  });
  const environment = new MockActivityEnvironment({ attempt: 1 });
  const running = environment.run((probe: boolean) => {
    return activities.runLane({ senderId: world.sender.id, probe });
  }, false);
  return {
    stop: async () => {
      environment.cancel();
      await running;
      await pool.end();
    },
  };
}

/** The API with this secret where Sendexa's clients put it. */
export function basic(api: TestApi, secret: string): Call {
  const token = Buffer.from(`key:${secret}`).toString('base64');
  return (method, path, body) =>
    api.call(method, path, body, { Authorization: `Basic ${token}`, 'X-Dexatel-Key': '' });
}

/** The error body, whole. */
export function expectError({ status: actual, body }: Answer, wanted: number, code: string): void {
  expect({ status: actual, body }).toMatchObject({
    status: wanted,
    body: {
      success: false,
      message: expect.stringMatching(/\S/),
      code,
      error: { code, message: body.message },
      requestId: expect.stringMatching(/\S/),
    },
  });
}
