import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { readConfig, type Config } from '../../runtime/config';
import { startStack, type Stack } from '../../stack/stack';
import { createDemoCampaign, RECIPIENTS, type DemoCampaign, type Progress } from '../demoCampaign';
import { answerCustomer, isDelivered, type DemoReply } from '../demoReply';
import { interruption } from '../interruption';

const DEADLINE_MS = 180_000;
/** Statuses still come in for a moment after the last message went out. */
const SETTLE_MS = 15_000;
const POLL_MS = 250;

export function register(program: Command): void {
  program
    .command('demo')
    .description(
      `send a campaign to ${RECIPIENTS} simulated customers, answer one of them, and check the numbers`,
    )
    .action(demo);
}

/**
 * Everything in a temporary home on free ports. Exits 0 only if every recipient is accounted for and the answer to the
 * customer who wrote meanwhile was delivered.
 */
async function demo(): Promise<void> {
  const interrupted = interruption();
  const home = await mkdtemp(path.join(tmpdir(), 'casement-demo-'));
  let stack: Stack | undefined;
  let correct = false;
  try {
    stack = await startStack({
      home,
      config: demoConfig(home),
      env: process.env,
      onProgress: (line) => console.log(line),
      signal: interrupted.signal,
    });
    correct = await run(stack, interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    console.log('Interrupted');
  } finally {
    await stack?.stop();
    for (const folder of [home, ...(stack?.folders ?? [])]) {
      await rm(folder, { recursive: true, force: true });
    }
  }
  process.exit(correct ? 0 : 1);
}

/** Its own database, server and ports, so that it disturbs nothing that runs already. */
function demoConfig(home: string): Config {
  return {
    ...readConfig({}),
    CASEMENT_HOME: home,
    CASEMENT_PORT: 0,
    CASEMENT_SIMULATOR_PORT: 0,
    CASEMENT_TEMPORAL_PORT: 0,
    CASEMENT_TEMPORAL_UI_PORT: 0,
    CASEMENT_POSTGRES_PORT: 0,
  };
}

async function run(stack: Stack, signal: AbortSignal): Promise<boolean> {
  const description = stack.description();
  const { temporalUi } = description;
  console.log(`\nTemporal UI  ${temporalUi}\nCampaign to ${RECIPIENTS} recipients\n`);
  const campaign = await createDemoCampaign(description);
  const started = Date.now();
  const [progress, reply] = await Promise.all([
    follow(campaign, signal),
    answerCustomer(description, signal),
  ]);
  const seconds = (Date.now() - started) / 1000;
  return summarise({ campaign, progress, reply, seconds, temporalUi });
}

/** Draws the bar until the campaign ended and its statuses have come in. */
async function follow(campaign: DemoCampaign, signal: AbortSignal): Promise<Progress> {
  const bar = new SingleBar({
    format:
      '{bar} {value}/{total} | sent {sent} delivered {delivered} read {read} failed {failed} | {rate}/s',
    noTTYOutput: true,
    notTTYSchedule: 2_000,
  });
  const nothing = { sent: 0, delivered: 0, read: 0, failed: 0, rate: 0 };
  bar.start(RECIPIENTS, 0, nothing);
  const started = Date.now();
  let endedAt: number | null = null;
  try {
    for (;;) {
      const { status, status_reason: reason, paused, progress } = await campaign.view();
      const done = RECIPIENTS - progress.pending - progress.claimed;
      const begun = progress.total > 0;
      const rate = Math.round((done / (Date.now() - started)) * 1000);
      if (begun && endedAt === null) bar.update(done, { ...cumulative(progress), rate });
      else if (begun) bar.update(done, cumulative(progress));
      if (paused) throw new Error(`The campaign paused: ${reason ?? 'no reason given'}.`);
      if (status === 'completed') endedAt ??= Date.now();
      const settled = endedAt !== null && (progress.sent === 0 || Date.now() - endedAt > SETTLE_MS);
      // Reads come after deliveries: one more second shows them too.
      if (settled) return await lastLook(campaign, bar);
      if (Date.now() - started > DEADLINE_MS) throw new Error('The campaign did not end in time.');
      await sleep(POLL_MS, undefined, { signal });
    }
  } finally {
    bar.stop();
  }
}

async function lastLook(campaign: DemoCampaign, bar: SingleBar): Promise<Progress> {
  await sleep(1_000);
  const { progress } = await campaign.view();
  bar.update(RECIPIENTS, cumulative(progress));
  return progress;
}

/** What was read was delivered, and what was delivered was sent. */
function cumulative({ sent, delivered, read, failed }: Progress) {
  return { sent: sent + delivered + read, delivered: delivered + read, read, failed };
}

interface Outcome {
  campaign: DemoCampaign;
  progress: Progress;
  reply: DemoReply;
  seconds: number;
  temporalUi: string | null;
}

function summarise({ campaign, progress, reply, seconds, temporalUi }: Outcome): boolean {
  const { imported } = campaign;
  const { sent, delivered, read, failed, skipped, unknown, total } = progress;
  const sum = sent + delivered + read + failed + skipped + unknown;
  const complete = sum === RECIPIENTS && total === RECIPIENTS && imported.accepted === RECIPIENTS;
  console.log(`
Imported     ${imported.accepted} (${imported.duplicates} duplicates, ${imported.rejected} rejected)
Sent         ${sent + delivered + read} (delivered ${delivered + read}, read ${read})
Failed       ${failed}
Skipped      ${skipped}
Unknown      ${unknown}
Sum          ${sum} of ${RECIPIENTS}: ${complete ? 'every recipient is accounted for' : 'THE NUMBERS DO NOT ADD UP'}
Reply        "${reply.question}" was answered after ${(reply.answeredAfterMs / 1000).toFixed(1)} s, while the campaign ran: ${reply.status}
Took         ${seconds.toFixed(1)} s
Temporal UI  ${temporalUi} (until this command ends)
`);
  return complete && isDelivered(reply);
}
