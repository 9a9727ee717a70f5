import { setTimeout as sleep } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { z } from 'zod';
import { apiClient, understand, withApiOptions, type ApiClient, type ApiOptions } from '../api';
import { nonEmpty } from '../arguments';

interface CreateOptions extends ApiOptions {
  from: string;
  template: string;
  audience: string;
  name?: string;
  schedule?: string;
}

const POLL_MS = 1000;

const progressSchema = z.object({
  total: z.number(),
  pending: z.number(),
  claimed: z.number(),
  unknown: z.number(),
  sent: z.number(),
  delivered: z.number(),
  read: z.number(),
  failed: z.number(),
  skipped: z.number(),
});

const campaignSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  paused: z.boolean(),
  progress: progressSchema,
});

type WatchedCampaign = z.infer<typeof campaignSchema>;

const controlSchema = z.object({
  status: z.string(),
  paused: z.boolean(),
  progress: progressSchema,
  in_flight: z.number(),
});

export function register(program: Command): void {
  const campaign = program.command('campaign').description('campaigns');
  withApiOptions(campaign.command('create'))
    .description('create a campaign; without --schedule it starts at once')
    .requiredOption('--from <sender>', 'name of the sender')
    .requiredOption('--template <id>', 'id of a COMPLETED template')
    .requiredOption('--audience <id>', 'id of the contact list')
    .option('--name <name>', 'unique name')
    .option('--schedule <time>', 'UTC, "yyyy-mm-dd hh:mm:ss"')
    .action(create);
  withApiOptions(campaign.command('watch'))
    .argument('<id>', 'id of the campaign', nonEmpty)
    .description('follow a campaign until it is finished')
    .action(watch);
  for (const verb of ['pause', 'resume', 'cancel']) {
    withApiOptions(campaign.command(verb))
      .argument('<id>', 'id of the campaign', nonEmpty)
      .description(`${verb} a campaign and show what is left`)
      .action((id: string, options: ApiOptions) => control(verb, id, options));
  }
}

async function create({ url, key, ...fields }: CreateOptions): Promise<void> {
  const api = await apiClient({ url, key });
  const data = await api.call('POST', '/v1/campaigns', { ...fields, channel: 'whatsapp' });
  const { id, name, status } = understand(campaignSchema, data);
  console.log(`${id}\t${name}\t${status}`);
}

async function watch(id: string, options: ApiOptions): Promise<void> {
  const api = await apiClient(options);
  const bar = new SingleBar({
    format: '{bar} {value}/{total} | {text}',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 2_000,
  });
  let campaign = await read(api, id);
  bar.start(campaign.progress.total, done(campaign), { text: describe(campaign) });
  while (campaign.status === 'scheduled' || campaign.status === 'in_progress') {
    await sleep(POLL_MS);
    campaign = await read(api, id);
    bar.setTotal(campaign.progress.total);
    bar.update(done(campaign), { text: describe(campaign) });
  }
  bar.stop();
  console.log(describe(campaign));
}

async function read(api: ApiClient, id: string): Promise<WatchedCampaign> {
  const data = await api.call('GET', `/v1/campaigns/${encodeURIComponent(id)}`);
  return understand(campaignSchema, data);
}

/** Recipients whose attempt is over. */
function done({ progress }: WatchedCampaign): number {
  return progress.total - progress.pending - progress.claimed;
}

function describe({ status, paused, progress }: WatchedCampaign): string {
  const { sent, delivered, read: seen, failed, skipped, unknown } = progress;
  const state = paused ? 'paused' : status;
  return `${state}: ${sent + delivered + seen} sent, ${delivered + seen} delivered, ${seen} read, ${failed} failed, ${skipped} skipped, ${unknown} unknown`;
}

async function control(verb: string, id: string, options: ApiOptions): Promise<void> {
  const api = await apiClient(options);
  const data = await api.call('POST', `/v1/campaigns/${encodeURIComponent(id)}/${verb}`);
  const { status, paused, progress, in_flight: inFlight } = understand(controlSchema, data);
  const state = paused ? 'paused' : status;
  console.log(`${state}: ${progress.pending} pending, ${inFlight} in flight`);
}
