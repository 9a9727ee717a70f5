import { audit } from '../db/audit';
import { lockCampaign, setGates, transition } from '../db/campaign';
import type { Db, Tx } from '../db/connect';
import type { Campaign } from '../db/schema';
import type { PauseReason } from '../domain/campaign';
import type { Clock } from '../domain/ports';
import { campaignWorkflowId } from '../workflows/contract';
import { goOn } from './campaignResumption';

/**
 * Campaigns follow their template: they pause when it may not be sent any more, and go on when it may again. Each in a
 * transaction of its own that takes the campaign and its gates first, as the control verbs do, and looks again at what
 * it found: an operator may have been faster.
 */

const TEMPLATE_PAUSED: PauseReason = 'template_paused';
const BATCH = 100;

/** Pauses running campaigns whose template is paused, disabled, rejected or under review again. Returns how many. */
export async function pauseUnsendable(db: Db): Promise<number> {
  const campaigns = await db
    .selectFrom('campaigns')
    .innerJoin('templates', 'templates.id', 'campaigns.template_id')
    .select('campaigns.id')
    .where('campaigns.status', '=', 'in_progress')
    .where('campaigns.frozen_at', 'is not', null)
    .where('templates.status', '<>', 'approved')
    .limit(BATCH)
    .execute();
  return countTrue(campaigns, ({ id }) =>
    db.transaction().execute(async (tx) => {
      const campaign = await lockCampaign(tx, id);
      if (await isSendable(tx, campaign)) return false;
      const paused = await transition(tx, id, 'pause', { status_reason: TEMPLATE_PAUSED });
      if (!paused) return false;
      await setGates(tx, id, false);
      await note(tx, paused, 'campaign.pause');
      return true;
    }),
  );
}

/**
 * Resumes the campaigns that were paused because of their template alone and that nobody has paused since, once it is
 * approved again and their sender is not halted. Returns how many.
 */
export async function resumeSendable({ db, clock }: { db: Db; clock: Clock }): Promise<number> {
  const campaigns = await db
    .selectFrom('campaigns')
    .innerJoin('templates', 'templates.id', 'campaigns.template_id')
    .innerJoin('senders', 'senders.id', 'campaigns.sender_id')
    .select('campaigns.id')
    .where('campaigns.status', '=', 'paused')
    .where('campaigns.status_reason', '=', TEMPLATE_PAUSED)
    .where('templates.status', '=', 'approved')
    .where('templates.deleted_at', 'is', null)
    .where('senders.health', '<>', 'halted')
    .where('senders.deleted_at', 'is', null)
    .limit(BATCH)
    .execute();
  return countTrue(campaigns, ({ id }) =>
    db.transaction().execute(async (tx) => {
      const campaign = await lockCampaign(tx, id);
      const ours = campaign.status === 'paused' && campaign.status_reason === TEMPLATE_PAUSED;
      if (!ours || !(await isSendable(tx, campaign))) return false;
      const row = await goOn(tx, campaign, clock.now().toJSDate());
      if (row) await note(tx, row, 'campaign.resume');
      return row !== undefined;
    }),
  );
}

async function isSendable(tx: Tx, campaign: Campaign): Promise<boolean> {
  const template = await tx
    .selectFrom('templates')
    .select('status')
    .where('id', '=', campaign.template_id)
    .executeTakeFirst();
  return template?.status === 'approved';
}

/** Nobody's key did it: operators see that it was Casement, and why. */
async function note(tx: Tx, campaign: Campaign, action: string): Promise<void> {
  const actor = { accountId: campaign.account_id, keyId: 'casement' };
  await audit(tx, actor, action, campaignWorkflowId(campaign.id), { reason: TEMPLATE_PAUSED });
}

async function countTrue<T>(
  items: readonly T[],
  step: (item: T) => Promise<boolean>,
): Promise<number> {
  let count = 0;
  for (const item of items) if (await step(item)) count += 1;
  return count;
}
