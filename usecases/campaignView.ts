import { DomainError } from '../domain/errors';
import { emptyProgress } from '../domain/recipient';
import { findCampaign } from '../db/campaign';
import type { Tx } from '../db/connect';
import { progressOf } from '../db/recipient';
import type { Campaign } from '../db/schema';
import type { CampaignView } from './campaignTypes';
import type { Caller } from './deps';

export async function mustFind(tx: Tx, caller: Caller, id: string): Promise<Campaign> {
  const campaign = await findCampaign(tx, caller.accountId, id);
  if (!campaign) throw new DomainError('campaign_not_found', 'Campaign not found.');
  return campaign;
}

export async function view(tx: Tx, campaign: Campaign): Promise<CampaignView> {
  const [only] = await views(tx, [campaign]);
  return only!;
}

export async function views(tx: Tx, campaigns: readonly Campaign[]): Promise<CampaignView[]> {
  if (campaigns.length === 0) return [];
  const progress = await progressOf(
    tx,
    campaigns.map((campaign) => campaign.id),
  );
  const senders = await tx
    .selectFrom('senders')
    .select(['id', 'name'])
    .where('id', 'in', [...new Set(campaigns.map((campaign) => campaign.sender_id))])
    .execute();
  const names = new Map(senders.map((sender) => [sender.id, sender.name]));
  return campaigns.map((campaign) => ({
    campaign,
    senderName: names.get(campaign.sender_id) ?? '',
    progress: progress.get(campaign.id) ?? emptyProgress(),
  }));
}
