import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CampaignModel } from './campaignModel';
import { CampaignStage, type StagedCampaign } from './campaignStage';
import { eventually } from './eventually';
import globalSetup from './globalSetup';
import globalTeardown from './globalTeardown';
import { writeHistory } from './history';

/**
 * Records the histories that the replay test replays. Run it with `npx tsx test/support/recordHistories.ts` after a
 * deliberate change of a workflow, and keep the old files of a release whose campaigns may still be running.
 */
const FOLDER = path.resolve(__dirname, '..', 'histories');
const HOUR = 3_600_000;

async function record(stage: CampaignStage, name: string, run: StagedCampaign): Promise<void> {
  // Of the first run: what continues as new ends there.
  const first = stage.env.client.workflow.getHandle(run.handle.workflowId, run.runId);
  const json = writeHistory(await first.fetchHistory());
  await writeFile(path.join(FOLDER, `${name}.json`), json);
  process.stdout.write(`${name}: ${Math.ceil(json.length / 1024)} KB\n`);
}

async function recordAll(stage: CampaignStage): Promise<void> {
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

async function main(): Promise<void> {
  await globalSetup();
  try {
    await mkdir(FOLDER, { recursive: true });
    const stage = await CampaignStage.open();
    try {
      await recordAll(stage);
    } finally {
      await stage.end();
    }
  } finally {
    await globalTeardown();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
