import { Worker, type NativeConnection } from '@temporalio/worker';
import { createActivities } from '../activities';
import { Slots } from '../activities/slots';
import { Spacing } from '../activities/spacing';
import { openPool } from '../db/connect';
import type { Meter } from '../domain/ports';
import { Notifications } from '../db/notifications';
import type { Config } from '../runtime/config';
import type { Runtime } from '../runtime/runtime';
import type { TemporalSettings } from '../runtime/temporal';
import { TASK_QUEUE } from '../workflows/contract';

export interface WorkerParts {
  config: Config;
  runtime: Runtime;
  native: NativeConnection;
  settings: TemporalSettings;
  meter: Meter;
}

/** Connections of the sending loops: a lane has one statement on the way at a time. */
const LEDGER_CONNECTIONS = 8;
/** Long enough for a chat, short enough that idle numbers hold no activity (milliseconds). */
const LANE_LINGER_MS = 15_000;
/** Lanes that listen hold one each and cost little. */
const ACTIVITIES = 100;

/** One worker: the workflows' bundle, the activities and what they share. */
export async function createWorker({ config, runtime, native, settings, meter }: WorkerParts) {
  const { deps } = runtime;
  const pool = openPool(config.DATABASE_URL!, {
    max: LEDGER_CONNECTIONS,
    applicationName: 'casement-ledger',
  });
  const notifications = await Notifications.open(config.DATABASE_URL!);
  const worker = await Worker.create({
    connection: native,
    namespace: settings.namespace,
    taskQueue: TASK_QUEUE,
    ...(config.CASEMENT_WORKFLOW_BUNDLE
      ? { workflowBundle: { codePath: config.CASEMENT_WORKFLOW_BUNDLE } }
      : { workflowsPath: require.resolve('../workflows') }),
    activities: createActivities({
      db: deps.db,
      pool,
      clock: deps.clock,
      slots: new Slots(config.CASEMENT_IN_FLIGHT),
      spacing: new Spacing(),
      providerFor: deps.providerFor,
      notifications,
      meter,
      settings: {
        missedStartMs: config.CASEMENT_MISSED_START * 1000,
        unknownAfterMs: config.CASEMENT_UNKNOWN_AFTER * 1000,
        sendTimeoutMs: config.CASEMENT_SEND_TIMEOUT * 1000,
        laneLingerMs: LANE_LINGER_MS,
      },
    }),
    maxConcurrentActivityTaskExecutions: ACTIVITIES,
    maxConcurrentWorkflowTaskExecutions: 40,
    shutdownGraceTime: '1s',
    shutdownForceTime: '60s',
  });
  const close = async () => {
    await notifications.close();
    await pool.end();
  };
  return { worker, close };
}
