import type { CampaignEvent } from '../domain/campaign';
import { setGates, transition } from '../db/campaign';
import { forgiveAge } from '../db/recipient';
import type { Tx } from '../db/connect';
import type { Campaign } from '../db/schema';
import { tell, tellDue } from './campaignSignals';

/**
 * Resumes a paused campaign: back to sending, or to waiting for its schedule when that is still to come. One that was
 * paused before it began is due now, however long ago it should have begun. Undefined when it is not paused any more.
 */
export async function goOn(tx: Tx, campaign: Campaign, now: Date): Promise<Campaign | undefined> {
  const begun = campaign.frozen_at !== null;
  const early = !begun && campaign.due_at > now;
  const event: CampaignEvent = early ? 'wait_again' : 'resume';
  const row = await transition(tx, campaign.id, event, begun || early ? {} : { due_at: now });
  if (!row) return undefined;
  if (begun) {
    await forgiveAge(tx, row.id);
    await setGates(tx, row.id, true);
  }
  await (early ? tellDue(tx, row) : tell(tx, row, 'resume'));
  return row;
}
