import { DomainError } from '../domain/errors';
import { isFinished } from '../domain/campaign';
import { emptyProgress } from '../domain/recipient';
import { audit } from '../db/audit';
import { lockCampaign, setGates, transition } from '../db/campaign';
import type { Tx } from '../db/connect';
import { progressOf, requeueFailed } from '../db/recipient';
import type { Campaign } from '../db/schema';
import { forgetConclusion } from '../db/template';
import { findSender, senderIsBack } from '../db/sender';
import { campaignWorkflowId, senderWorkflowId } from '../workflows/contract';
import { goOn } from './campaignResumption';
import { tell } from './campaignSignals';
import type { ControlResult } from './campaignTypes';
import { mustFind } from './campaignView';
import type { Caller, Deps } from './deps';
import { tellSender } from './senderSignals';

/**
 * The control verbs. Each is one transaction in PostgreSQL, so it works while Temporal or the workers are down: the
 * guarded transition, the gates (which wait for claims in progress), the audit entry and the workflow's signal. The
 * numbers in the answer are read behind the closed gates, so they are exact.
 */
export function pauseCampaign(deps: Deps, caller: Caller, id: string): Promise<ControlResult> {
  return control(deps, caller, id, 'pause', async (tx, campaign) => {
    const ownPause = campaign.status === 'paused' && campaign.status_reason !== 'requested';
    const row = await transition(tx, campaign.id, ownPause ? 'hold' : 'pause', {
      status_reason: 'requested',
    });
    if (!row) throw conflict('pause', campaign);
    await setGates(tx, row.id, false);
    await tell(tx, row, 'pause');
    return row;
  });
}

/**
 * A campaign resumed before its time goes back to waiting. Whoever resumes has seen to the cause: a halted sender, or a
 * template that seemed to be paused, is tried again.
 */
export function resumeCampaign(deps: Deps, caller: Caller, id: string): Promise<ControlResult> {
  return control(deps, caller, id, 'resume', async (tx, campaign) => {
    const now = deps.clock.now().toJSDate();
    const row = await goOn(tx, campaign, now);
    if (!row) throw conflict('resume', campaign);
    if (await senderIsBack(tx, row.sender_id, now)) {
      await tellSender(tx, { id: row.sender_id, account_id: row.account_id }, 'resume');
    }
    await forgetConclusion(tx, row.id, now);
    return row;
  });
}

export function cancelCampaign(deps: Deps, caller: Caller, id: string): Promise<ControlResult> {
  return control(deps, caller, id, 'cancel', async (tx, campaign) => {
    const row = await transition(tx, campaign.id, 'cancel', {
      finished_at: deps.clock.now().toJSDate(),
    });
    if (!row) throw conflict('cancel', campaign);
    await setGates(tx, row.id, false);
    await tell(tx, row, 'cancel');
    return row;
  });
}

/** Sends again to everybody who failed, in the same campaign; a finished one runs once more. */
export async function retryFailed(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<ControlResult & { requeued: number }> {
  let requeued = 0;
  const result = await control(deps, caller, id, 'retry_failed', async (tx, campaign) => {
    if (!(await findSender(tx, campaign.account_id, campaign.sender_id))) {
      throw new DomainError('campaign_status_conflict', 'The sender of the campaign is deleted.');
    }
    const row = await transition(tx, campaign.id, 'reopen', { finished_at: null });
    if (!row || !row.frozen_at) throw conflict('retry', campaign);
    requeued = await requeueFailed(tx, row.id);
    await setGates(tx, row.id, true);
    await tell(tx, row, 'resume');
    return row;
  });
  return { ...result, requeued };
}

async function control(
  deps: Deps,
  caller: Caller,
  id: string,
  action: string,
  carryOut: (tx: Tx, campaign: Campaign) => Promise<Campaign>,
): Promise<ControlResult> {
  const { campaign, progress } = await deps.db.transaction().execute(async (tx) => {
    const row = await carryOut(tx, await locked(tx, caller, id));
    await audit(tx, caller, `campaign.${action}`, campaignWorkflowId(id));
    return { campaign: row, progress: (await progressOf(tx, [id])).get(id) ?? emptyProgress() };
  });
  deps.deliverSignals([campaignWorkflowId(id), senderWorkflowId(campaign.sender_id)]);
  return { status: campaign.status, progress, inFlight: progress.claimed };
}

/** What a verb may do depends on the state, and nobody changes that meanwhile. */
async function locked(tx: Tx, caller: Caller, id: string): Promise<Campaign> {
  await mustFind(tx, caller, id);
  return lockCampaign(tx, id);
}

function conflict(verb: string, campaign: Campaign): DomainError {
  const hint = isFinished(campaign.status) ? ' It is finished.' : '';
  return new DomainError(
    'campaign_status_conflict',
    `A campaign that is ${campaign.status} cannot ${verb}.${hint}`,
  );
}
