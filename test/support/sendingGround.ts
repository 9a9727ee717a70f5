import { MockActivityEnvironment } from '@temporalio/testing';
import { DateTime } from 'luxon';
import { createActivities, type Activities } from '../../activities';
import type { ActivityDeps } from '../../activities/deps';
import { Slots } from '../../activities/slots';
import { Spacing } from '../../activities/spacing';
import { openPool, type Db } from '../../db/connect';
import { Notifications } from '../../db/notifications';
import { progressOf } from '../../db/recipient';
import type { OutboundMessage, SendOutcome } from '../../domain/ports';
import type { Progress } from '../../domain/recipient';
import { createUrlGuard } from '../../outbound/guard';
import { createSecretBox } from '../../runtime/secretBox';
import type { Deps } from '../../usecases/deps';
import type { LaneResult } from '../../workflows/contract';
import { buildWorld, type World, type WorldOptions } from './build';
import { createTestDatabase } from './database';
import { quietProvider } from './quietProvider';
import { ScriptedProvider } from './scriptedProvider';

type Answer = (message: OutboundMessage) => Promise<SendOutcome> | SendOutcome;

interface StageOptions extends WorldOptions {
  inFlight?: number;
  now?: () => DateTime<true>;
  /** How long a lane waits for more work (milliseconds). */
  lingerMs?: number;
}

/** A worker's activities over a database of their own, in as many worlds as a test wants. */
export interface SendingGround {
  db: Db;
  /** For what clients ask meanwhile. */
  usecases: Deps;
  stage: (answer: Answer, options?: StageOptions) => Promise<SendingStage>;
  close(): Promise<void>;
}

export interface SendingStage {
  world: World;
  provider: ScriptedProvider;
  deps: ActivityDeps;
  run<R>(work: (activities: Activities) => Promise<R>, attempt?: number): Promise<R>;
  /** Begins the campaign and sends to everybody who is due. */
  sendAll(): Promise<void>;
  /** To those who are due again. */
  sendDue(): Promise<void>;
  progress(): Promise<Progress>;
  /** The sender's direct messages. */
  runLane(options?: { probe?: boolean; attempt?: number }): Promise<LaneResult>;
}

export async function openSending(): Promise<SendingGround> {
  const database = await createTestDatabase();
  const pool = openPool(database.url);
  const notifications = await Notifications.open(database.url);
  return {
    db: database.db,
    usecases: {
      db: database.db,
      clock: { now: () => DateTime.utc() },
      secrets: createSecretBox(Buffer.alloc(32, 7).toString('base64')),
      providerFor: () => quietProvider({}),
      urlGuard: createUrlGuard({ allowPrivate: false }),
      deliverSignals: () => undefined,
    },
    async stage(answer, options = {}) {
      const world = await buildWorld(database.db, options);
      const provider = new ScriptedProvider(answer);
      const deps = {
        db: database.db,
        pool,
        clock: { now: options.now ?? (() => DateTime.utc()) },
        slots: new Slots(options.inFlight ?? 64),
        spacing: new Spacing(),
        providerFor: () => provider,
        notifications,
        settings: {
          missedStartMs: 3_600_000,
          unknownAfterMs: 900_000,
          sendTimeoutMs: 1_000,
          laneLingerMs: options.lingerMs ?? 200,
        },
      };
      const activities = createActivities(deps);
      const campaignId = world.campaign.id;
      const run: SendingStage['run'] = (work, attempt = 1) =>
        new MockActivityEnvironment({ attempt }).run(() => work(activities));
      return {
        world,
        provider,
        deps,
        run,
        async sendAll() {
          const begun = await run((a) => a.beginCampaign({ campaignId }));
          const { next, end } = begun.plan!;
          await run((a) => a.sendRange({ campaignId, slot: 0, from: next, to: end }));
        },
        async sendDue() {
          await run((a) => a.sendDue({ campaignId, slot: 0 }));
        },
        progress: async () => (await progressOf(database.db, [campaignId])).get(campaignId)!,
        runLane: ({ probe = false, attempt = 1 } = {}) =>
          run((a) => a.runLane({ senderId: world.sender.id, probe }), attempt),
      };
    },
    async close() {
      await notifications.close();
      await pool.end();
      await database.drop();
    },
  };
}
