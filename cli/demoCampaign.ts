import { z } from 'zod';
import { DEVELOPMENT } from '../stack/developmentData';
import type { StackDescription } from '../stack/stack';
import { createApiClient, type ApiClient } from './client';

export const RECIPIENTS = 5_000;
/** So that the demo ends in under a minute; a real number does 80 a second. */
const RATE_PER_SECOND = 400;
/** Every this many contacts lacks the order number that the template needs: Casement skips it and says why. */
const INCOMPLETE_EVERY = 200;

/** Customers who asked for no more messages: their numbers are blocked before the campaign begins. */
const BLOCKED = [1, 3, 5];

const created = z.object({ id: z.string() });
const imported = z.object({ accepted: z.number(), duplicates: z.number(), rejected: z.number() });
const progressSchema = z.object({
  total: z.number(),
  pending: z.number(),
  claimed: z.number(),
  sent: z.number(),
  delivered: z.number(),
  read: z.number(),
  failed: z.number(),
  skipped: z.number(),
  unknown: z.number(),
});
const campaignSchema = z.object({
  status: z.string(),
  status_reason: z.string().nullish(),
  paused: z.boolean(),
  progress: progressSchema,
});

export type Progress = z.infer<typeof progressSchema>;
export type CampaignView = z.infer<typeof campaignSchema>;

export interface DemoCampaign {
  imported: z.infer<typeof imported>;
  /** The campaign as the API shows it now. */
  view(): Promise<CampaignView>;
}

/** Sender, audience and campaign through the public API; faults through the simulator's. */
export async function createDemoCampaign(stack: StackDescription): Promise<DemoCampaign> {
  const api = createApiClient(stack.api, { 'X-Dexatel-Key': stack.keys.dexatel });
  await setFaults(stack.simulator);
  await api.call('PATCH', `/v1/senders/${stack.sender.id}`, { rate_per_second: RATE_PER_SECOND });
  const audience = created.parse(
    await api.call('POST', '/v1/audiences', { name: 'demo-customers', channel: 'WHATSAPP' }),
  );
  const report = imported.parse(
    await api.upload(`/v1/audiences/${audience.id}/import`, customers()),
  );
  for (const n of BLOCKED) {
    await api.call('POST', `/v1/senders/${stack.sender.id}/blockers`, { number: numberOf(n) });
  }
  const campaign = created.parse(await createCampaign(api, stack.sender.name, audience.id));
  return {
    imported: report,
    view: async () => campaignSchema.parse(await api.call('GET', `/v1/campaigns/${campaign.id}`)),
  };
}

function createCampaign(api: ApiClient, sender: string, audience: string): Promise<unknown> {
  return api.call('POST', '/v1/campaigns', {
    name: 'Demo: your order has shipped',
    channel: 'whatsapp',
    from: sender,
    template: DEVELOPMENT.orderShippedId,
    audience,
    variables: { order_id: '{custom1}', eta: '{custom2}' },
  });
}

/** Some phones are unreachable (told later, by a webhook), some recipients are refused at once. */
async function setFaults(simulator: string): Promise<void> {
  const faults = {
    rate_per_second: 0,
    suffixes: { '77': 131026, '444': { code: 132005, via: 'response' } },
  };
  const response = await fetch(`${simulator}/_sim/faults`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(faults),
  });
  if (!response.ok) throw new Error(`The simulator refused: ${await response.text()}`);
}

function numberOf(n: number): string {
  return String(14_155_600_000 + n);
}

/** 5,000 customers, one of them twice, and one line without a usable number. */
function customers(): string {
  const lines = ['number,first_name,custom1,custom2'];
  for (let n = 0; n < RECIPIENTS; n += 1) {
    const order = n % INCOMPLETE_EVERY === 0 ? '' : `A-${10_000 + n}`;
    lines.push(`${numberOf(n)},Customer ${n},${order},Friday`);
  }
  lines.push(lines[2] ?? '', 'not-a-number,Nobody,A-1,Friday');
  return `${lines.join('\n')}\n`;
}
