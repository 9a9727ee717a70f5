import type { Tx } from '../db/connect';
import type { Campaign } from '../db/schema';
import { enqueueSignal } from '../db/signal';
import { campaignWorkflowId, CAMPAIGN_SIGNALS } from '../workflows/contract';

/** Starts the workflow, or moves its due time. */
export function tellDue(tx: Tx, campaign: Campaign): Promise<void> {
  return tell(tx, campaign, CAMPAIGN_SIGNALS.reschedule, { at: campaign.due_at.getTime() });
}

/** Puts a fact about the campaign into the outbox, with the revision that orders it. */
export function tell(
  tx: Tx,
  campaign: Campaign,
  signal: keyof typeof CAMPAIGN_SIGNALS,
  payload: { at?: number } = {},
): Promise<void> {
  return enqueueSignal(tx, {
    workflowId: campaignWorkflowId(campaign.id),
    workflowType: 'campaign',
    summary: `Campaign to audience ${campaign.audience_id}, due ${campaign.due_at.toISOString()}`,
    input: {
      campaignId: campaign.id,
      senderId: campaign.sender_id,
      accountId: campaign.account_id,
    },
    signal: CAMPAIGN_SIGNALS[signal],
    payload: { ...payload, revision: campaign.revision },
  });
}
