import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { WINDOW_MS } from '../../domain/conversation';
import { CampaignModel } from './campaignModel';
import { CampaignStage, type StagedCampaign } from './campaignStage';
import { eventually } from './eventually';
import globalSetup from './globalSetup';
import globalTeardown from './globalTeardown';
import { writeHistory } from './history';
import { LaneModel, SenderStage } from './senderStage';
import { EndpointModel, WebhookStage } from './webhookStage';
import { WindowModel, windowModelActivities } from './windowModel';
import { WindowStage } from './windowStage';

/**
 * Records the histories that the replay test replays. Run it with `npx tsx test/support/recordHistories.ts` after a
 * deliberate change of a workflow (`… recordHistories.ts window` records windows alone), and keep the old files of a
 * release whose workflows may still be running.
 */
const FOLDER = path.resolve(__dirname, '..', 'histories');
const HOUR = 3_600_000;

function record(stage: CampaignStage, name: string, run: StagedCampaign): Promise<void> {
  // Of the first run: what continues as new ends there.
  return write(name, stage.env.client.workflow.getHandle(run.handle.workflowId, run.runId));
}

async function write(name: string, handle: WorkflowHandle): Promise<void> {
  const json = writeHistory(await handle.fetchHistory());
  await writeFile(path.join(FOLDER, `${name}.json`), json);
  process.stdout.write(`${name}: ${Math.ceil(json.length / 1024)} KB\n`);
}

async function recordCampaigns(stage: CampaignStage): Promise<void> {
  const scheduled = await stage.start({ dueAt: (await stage.now()) + 48 * HOUR, recipients: 20 });
  await stage.env.sleep(HOUR);
  await scheduled.reschedule((await stage.now()) + 72 * HOUR);
  scheduled.model.putOff.set(3, HOUR);
  await scheduled.handle.result();
  await record(stage, 'scheduled-and-completed', scheduled);

  const paused = await stage.start({ recipients: 60 });
  paused.model.before.set(25, () => paused.pause());
  await eventually(() => paused.model.status === 'paused');
  paused.model.before.clear();
  await stage.env.sleep(HOUR);
  await paused.resume();
  await paused.handle.result();
  await record(stage, 'paused-and-resumed', paused);

  const canceled = await stage.start({ recipients: 60 });
  canceled.model.before.set(25, () => canceled.cancel());
  await canceled.handle.result();
  await record(stage, 'canceled', canceled);

  const model = new CampaignModel({ recipients: 60 });
  model.downUntil = (await stage.now()) + 60_000;
  const continued = await stage.start({ model, renewAfterEvents: 30 });
  await continued.handle.result();
  await record(stage, 'continued-as-new', continued);
}

async function recordWindows(stage: WindowStage, models: Map<string, WindowModel>): Promise<void> {
  const open = async () => {
    const openedAt = await stage.now();
    const conversationId = randomUUID();
    const model = new WindowModel(openedAt + WINDOW_MS);
    models.set(conversationId, model);
    const window = await stage.start(model.closesAt, { conversationId });
    return { ...window, model, openedAt };
  };

  const quiet = await open();
  await quiet.handle.result();
  await write('window-quiet', quiet.handle);

  const extended = await open();
  await stage.env.sleep(20 * HOUR);
  extended.model.closesAt = extended.openedAt + 44 * HOUR;
  await extended.tell(extended.model.closesAt);
  await extended.handle.result();
  await write('window-extended', extended.handle);

  const untold = await open();
  untold.model.closesAt = untold.openedAt + 44 * HOUR;
  await untold.handle.result();
  await write('window-extended-untold', untold.handle);

  const gone = await open();
  gone.model.number = 2;
  await gone.handle.result();
  await write('window-gone', gone.handle);
}

async function recordSenders(stage: SenderStage): Promise<void> {
  const busy = new LaneModel([{ state: 'busy', sent: 40 }, { sent: 2 }, {}, { state: 'gone' }]);
  const sender = await stage.start(busy);
  await eventually(() => busy.runs.length === 2);
  await stage.env.sleep(HOUR);
  await sender.tell('work');
  await eventually(() => busy.runs.length === 3);
  await sender.tell('work');
  await sender.handle.result();
  await write('sender-served', sender.handle);

  const troubled = new LaneModel([
    { state: 'unreachable' },
    { state: 'halted', reason: '131048' },
    { state: 'halted', reason: '131048' },
    { nextDueAt: (await stage.now()) + HOUR },
    { state: 'gone' },
  ]);
  const halted = await stage.start(troubled);
  await eventually(() => troubled.runs.length === 1);
  await stage.env.sleep(HOUR / 4);
  await eventually(() => troubled.runs.length === 3);
  await halted.tell('resume');
  await halted.handle.result();
  await write('sender-halted-and-resumed', halted.handle);
}

async function recordWebhooks(
  stage: WebhookStage,
  models: Map<string, EndpointModel>,
): Promise<void> {
  const start = async (model: EndpointModel, input = {}) => {
    const endpointId = randomUUID();
    models.set(endpointId, model);
    return stage.start(endpointId, input);
  };
  const lookAt = (await stage.now()) + HOUR;
  const served = new EndpointModel([
    { delivered: 40, lookAt: 0 },
    { delivered: 2 },
    { refused: 1, waiting: 1, lookAt },
    { state: 'gone' },
  ]);
  const webhook = await start(served);
  await eventually(() => served.looks.length === 2);
  await webhook.wake();
  await webhook.handle.result();
  await write('webhook-served', webhook.handle);

  const now = await stage.now();
  const down = { state: 'down', slow: true, waiting: 9, downSince: now } as const;
  const troubled = new EndpointModel([
    { ...down, lookAt: now + HOUR },
    { ...down, lookAt: now + 2 * HOUR },
    { state: 'disabled', waiting: 9 },
    { delivered: 9 },
    { state: 'gone' },
  ]);
  const failing = await start(troubled);
  await eventually(() => troubled.looks.length === 1);
  await stage.env.sleep(3 * HOUR);
  await eventually(() => troubled.looks.length === 3);
  await failing.wake();
  await eventually(() => troubled.looks.length === 4);
  await failing.wake();
  await failing.handle.result();
  await write('webhook-down', failing.handle);
}

async function onStage<T extends { end(): Promise<void> }>(
  stage: T,
  act: (stage: T) => Promise<void>,
): Promise<void> {
  try {
    await act(stage);
  } finally {
    await stage.end();
  }
}

/** All of them, or those of the workflow named on the command line. */
async function main(): Promise<void> {
  const only = process.argv[2];
  await globalSetup();
  try {
    await mkdir(FOLDER, { recursive: true });
    const wanted = (workflow: string) => only === undefined || only === workflow;
    if (wanted('campaign')) await onStage(await CampaignStage.open(), recordCampaigns);
    if (wanted('sender')) await onStage(await SenderStage.open(), recordSenders);
    if (wanted('webhook')) {
      const models = new Map<string, EndpointModel>();
      await onStage(await WebhookStage.openOver(models), (stage) => recordWebhooks(stage, models));
    }
    if (wanted('window')) {
      const models = new Map<string, WindowModel>();
      const stage = await WindowStage.open((env) => windowModelActivities(models, env));
      await onStage(stage, () => recordWindows(stage, models));
    }
  } finally {
    await globalTeardown();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
