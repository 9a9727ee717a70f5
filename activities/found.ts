import { emptyProgress, type Progress } from '../domain/recipient';
import { loadForSending, type CampaignForSending } from '../db/campaign';
import { nextDueAt, progressOf } from '../db/recipient';
import type { Campaign } from '../db/schema';
import type { Found } from '../workflows/contract';
import type { ActivityDeps } from './deps';

/** What the workflow adapts to: the campaign as the database has it. */
export async function found(deps: ActivityDeps, campaign: Campaign): Promise<Found> {
  return {
    status: campaign.status,
    reason: campaign.status_reason,
    revision: campaign.revision,
    progress: await progressFor(deps, campaign.id),
  };
}

export async function progressFor(deps: ActivityDeps, campaignId: string): Promise<Progress> {
  return (await progressOf(deps.db, [campaignId])).get(campaignId) ?? emptyProgress();
}

/** Milliseconds since the epoch at which the next waiting recipient is due; null when nobody waits for a time. */
export async function nextDueMs(deps: ActivityDeps, campaignId: string): Promise<number | null> {
  return (await nextDueAt(deps.db, campaignId))?.getTime() ?? null;
}

export async function load(deps: ActivityDeps, campaignId: string): Promise<CampaignForSending> {
  const loaded = await loadForSending(deps.db, campaignId);
  if (!loaded) throw new Error(`Campaign ${campaignId} is not in the database.`);
  return loaded;
}
