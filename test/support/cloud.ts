import { MockActivityEnvironment } from '@temporalio/testing';
import { DateTime } from 'luxon';
import { createLaneActivities } from '../../activities/lane';
import { Slots } from '../../activities/slots';
import { Spacing } from '../../activities/spacing';
import { openPool, type Db } from '../../db/connect';
import { Notifications } from '../../db/notifications';
import { appendToInbox } from '../../db/webhookInbox';
import { TEMPLATE_CATEGORIES } from '../../domain/template';
import type { Provider } from '../../domain/ports';
import { createProvider } from '../../providers/registry';
import { createSecretBox } from '../../runtime/secretBox';
import { Answers } from '../../usecases/answers';
import { applyWebhooks } from '../../usecases/webhookRelay';
import { startApi, type Answer, type TestApi } from './api';
import { buildWorld, type World } from './build';
import { createTestDatabase } from './database';
import { openWindow } from './direct';
import { eventually } from './eventually';
import {
  META_NUMBER,
  metaSettings,
  startSimulator,
  TEMPLATES,
  type TestSimulator,
} from './simulator';

type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** The Cloud API dialect over a sender whose provider is the simulator, with the lane that sends its messages. */
export interface CloudStage {
  db: Db;
  world: World;
  simulator: TestSimulator;
  /** The sender's, to the simulator. */
  provider: Provider;
  api: TestApi;
  /** At 360dialog's paths, with the key where its clients put it. */
  d360: Call;
  /** At Meta's paths; `path` begins behind the version. */
  meta: Call;
  /** Lets a customer write, so that both sides have an open window. */
  wrote(phone: string): Promise<void>;
  /** Stores what the provider tells of a customer's message, as its webhook would. */
  received(phone: string, wamid: string): Promise<void>;
  /** Everything that reached the provider, oldest first, once there are so many. */
  settled(count: number): Promise<Posted[]>;
  close(): Promise<void>;
}

/** A message as the simulator shows it. */
export interface Posted {
  wamid: string;
  at: string;
  body: Record<string, unknown>;
}

/** How long a request waits for the provider's answer (milliseconds). */
const PATIENCE_MS = 2_000;
const SECRETS = createSecretBox(Buffer.alloc(32, 7).toString('base64'));

export async function startCloud(
  options: { patienceMs?: number; allowPrivate?: boolean } = {},
): Promise<CloudStage> {
  const database = await createTestDatabase();
  const { db, url } = database;
  const simulator = await startSimulator();
  const world = await buildCloudWorld(db, simulator.url);
  const provider = createProvider(metaSettings(simulator.url), {
    connections: 4,
    timeoutMs: 5_000,
  });
  const notifications = await Notifications.open(url);
  const lane = await startLane(db, url, { world, provider, notifications });
  const answers = new Answers(db, notifications, options.patienceMs ?? PATIENCE_MS);
  const api = await startApi(db, {
    accountId: world.accountId,
    answers,
    provider,
    allowPrivate: options.allowPrivate,
  });
  return {
    db,
    world,
    simulator,
    provider,
    api,
    ...callers(api, api.key),
    async wrote(phone) {
      await openWindow(db, world, phone);
      await simulator.sim('POST', '/inbound', {
        from: phone,
        to: META_NUMBER.phoneNumberId,
        text: 'Hi',
      });
    },
    async received(phone, wamid) {
      await appendToInbox(db, [{ senderId: world.sender.id, body: inboundBody(phone, wamid) }]);
      await applyWebhooks(db);
    },
    settled: (count) => {
      const enough = async () => {
        const { messages } = await simulator.sim<{ messages: Posted[] }>('GET', '/messages');
        expect(messages).toHaveLength(count);
        return messages.toSorted((a, b) => a.at.localeCompare(b.at));
      };
      return eventually(enough, { withinMs: 20_000 });
    },
    async close() {
      await lane.stop();
      await api.close();
      await notifications.close();
      await provider.close();
      await simulator.close();
      await database.drop();
    },
  };
}

function inboundBody(phone: string, id: string): Buffer {
  const from = phone.slice(1);
  const value = {
    messaging_product: 'whatsapp',
    metadata: { phone_number_id: META_NUMBER.phoneNumberId },
    contacts: [{ wa_id: from, profile: { name: 'Ann' } }],
    messages: [{ from, id, timestamp: '1770000000', type: 'text', text: { body: 'Hi' } }],
  };
  return Buffer.from(
    JSON.stringify({
      entry: [{ id: META_NUMBER.wabaId, changes: [{ field: 'messages', value }] }],
    }),
  );
}

/** The API with this secret in the header of each place. */
export function callers(api: TestApi, secret: string): { d360: Call; meta: Call } {
  const none = { 'X-Dexatel-Key': '' };
  const d360 = { ...none, 'D360-API-KEY': secret };
  const meta = { ...none, Authorization: `Bearer ${secret}` };
  return {
    d360: (method, path, body) => api.call(method, path, body, d360),
    meta: (method, path, body) => api.call(method, `/v24.0${path}`, body, meta),
  };
}

async function buildCloudWorld(db: Db, baseUrl: string): Promise<World> {
  const world = await buildWorld(db, {
    recipients: 0,
    baseUrl,
    token: META_NUMBER.token!,
    phoneNumberId: META_NUMBER.phoneNumberId,
    sealed: (plain) => SECRETS.seal(plain),
  });
  await db
    .updateTable('senders')
    .set({ waba_id: META_NUMBER.wabaId })
    .where('id', '=', world.sender.id)
    .execute();
  const templates = TEMPLATES.map(({ name, language, body = '', category }) => {
    const placeholders = [...body.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]!);
    return {
      account_id: world.accountId,
      sender_id: world.sender.id,
      name,
      language: language ?? 'en_US',
      channel: 'WHATSAPP',
      category: TEMPLATE_CATEGORIES.find((known) => known === category) ?? ('MARKETING' as const),
      status: 'approved' as const,
      body,
      parameter_format: name === 'named' ? ('named' as const) : ('positional' as const),
      placeholders,
    };
  });
  await db.insertInto('templates').values(templates).execute();
  return world;
}

/** The sender's lane as a worker runs it, until it is stopped. */
async function startLane(
  db: Db,
  url: string,
  {
    world,
    provider,
    notifications,
  }: {
    world: World;
    provider: ReturnType<typeof createProvider>;
    notifications: Notifications;
  },
): Promise<{ stop(): Promise<void> }> {
  const pool = openPool(url);
  const activities = createLaneActivities({
    db,
    pool,
    clock: { now: () => DateTime.utc() },
    slots: new Slots(16),
    spacing: new Spacing(),
    providerFor: () => provider,
    notifications,
    settings: {
      missedStartMs: 0,
      unknownAfterMs: 0,
      sendTimeoutMs: 5_000,
      laneLingerMs: 3_600_000,
    },
  });
  const environment = new MockActivityEnvironment();
  const running = environment.run(() =>
    activities.runLane({ senderId: world.sender.id, probe: false }),
  );
  return {
    async stop() {
      environment.cancel('CANCELLED');
      await running;
      await pool.end();
    },
  };
}
