import { DateTime } from 'luxon';
import type { CampaignEvent } from '../domain/campaign';
import { isMarketing, type TemplateForm } from '../domain/template';
import { ownHeader, lacksHeader, templateForm } from '../domain/templateForm';
import { setGates, transition, type CampaignForSending } from '../db/campaign';
import { json } from '../db/connect';
import {
  abandonClaims,
  firstUnclaimed,
  freezeAudience,
  hasResendable,
  resendUnknown,
  skipPending,
} from '../db/recipient';
import type { Campaign } from '../db/schema';
import type { BeginResult, FinishResult, SendingPlan } from '../workflows/contract';
import type { ActivityDeps } from './deps';
import { found, load, nextDueMs, progressFor } from './found';

interface CampaignArgs {
  campaignId: string;
}

/** About this much work for one activity: long enough to cost Temporal little, short enough to steer. */
const RANGE_SECONDS = 15;
const SMALLEST_RANGE = 1_200;
const LARGEST_RANGE = 20_000;
/** One lane keeps up with this rate, and needs this many of a worker's slots: with fewer, its statements get small. */
const LANE_RATE = 8_000;
const LANE_SLOTS = 128;
const MOST_LANES = 2;
const SKIP_WINDOW = 20_000;
/** A claim this much older than the longest POST belongs to a dead attempt (milliseconds). */
const CLAIM_GRACE_MS = 10_000;

/** What a campaign's workflow can ask for, sending aside. Guarded by the database; each says what it found there. */
export function createCampaignActivities(deps: ActivityDeps) {
  return {
    /** Freezes the audience once the campaign is due. */
    async beginCampaign({ campaignId }: CampaignArgs): Promise<BeginResult> {
      const loaded = await load(deps, campaignId);
      await begin(deps, loaded);
      const { campaign } = await load(deps, campaignId);
      const sending = campaign.status === 'in_progress' && campaign.frozen_at !== null;
      return {
        ...(await found(deps, campaign)),
        dueAt: campaign.due_at.getTime(),
        plan: sending ? await planSending(deps, { ...loaded, campaign }) : null,
        nextDueAt: sending ? await nextDueMs(deps, campaignId) : null,
      };
    },

    /** Completes the campaign when nobody is waiting any more; otherwise says when to look again. */
    async finishCampaign({ campaignId }: CampaignArgs): Promise<FinishResult> {
      const { campaign } = await load(deps, campaignId);
      const now = deps.clock.now();
      const dead = now.minus(2 * deps.settings.sendTimeoutMs + CLAIM_GRACE_MS).toJSDate();
      if ((await progressFor(deps, campaignId)).claimed > 0) {
        await abandonClaims(deps.db, campaignId, { claimedBefore: dead });
      }
      const mayResend = campaign.on_unknown === 'resend';
      const resendBefore = now.minus(deps.settings.unknownAfterMs).toJSDate();
      if (mayResend) await resendUnknown(deps.db, campaignId, resendBefore);
      const { pending, claimed, unknown } = await progressFor(deps, campaignId);
      const again = mayResend && unknown > 0 && (await hasResendable(deps.db, campaignId));
      if (pending > 0 || claimed > 0 || again) {
        const nextDueAt = await nextDueMs(deps, campaignId);
        return { ...(await found(deps, campaign)), nextDueAt };
      }
      await close(deps, campaign, 'complete', now.toJSDate());
      return { ...(await found(deps, (await load(deps, campaignId)).campaign)), nextDueAt: null };
    },

    /** After cancel or failure: who has not been sent to never will be. */
    async skipTheRest({ campaignId }: CampaignArgs): Promise<void> {
      const { campaign } = await load(deps, campaignId);
      if (campaign.status !== 'canceled' && campaign.status !== 'failed') return;
      const end = campaign.total ?? 0;
      for (let from = 1; from <= end; from += SKIP_WINDOW) {
        await skipPending(deps.db, campaignId, from, from + SKIP_WINDOW);
      }
    },
  };
}

async function begin(deps: ActivityDeps, loaded: CampaignForSending): Promise<void> {
  const { campaign, sender, template } = loaded;
  const now = deps.clock.now();
  const dueAt = DateTime.fromJSDate(campaign.due_at);
  const waiting = campaign.status === 'scheduled' || campaign.status === 'in_progress';
  if (!waiting || campaign.frozen_at || dueAt > now) return;
  if (sender.deleted_at) return close(deps, campaign, 'fail', now.toJSDate(), 'sender_deleted');
  if (loaded.audienceDeleted) {
    return close(deps, campaign, 'fail', now.toJSDate(), 'audience_deleted');
  }
  if (template.deleted_at || template.status === 'disabled' || template.status === 'rejected') {
    return close(deps, campaign, 'fail', now.toJSDate(), 'template_gone');
  }
  if (now.diff(dueAt).toMillis() > deps.settings.missedStartMs) {
    return close(deps, campaign, 'pause', null, 'missed_start');
  }
  if (template.status !== 'approved') {
    return close(deps, campaign, 'pause', null, 'template_paused');
  }
  if (sender.health === 'halted') return close(deps, campaign, 'pause', null, 'sender_halted');
  const header = campaign.header ?? ownHeader(template.header);
  if (lacksHeader(template, header)) {
    return close(deps, campaign, 'fail', now.toJSDate(), 'template_header_missing');
  }
  await freeze(deps, loaded, templateForm(template, header));
}

/** One transaction: the state, the frozen recipients, their tallies and the open gates, or nothing of it. */
async function freeze(
  deps: ActivityDeps,
  loaded: CampaignForSending,
  form: TemplateForm,
): Promise<void> {
  const { campaign, sender, template, accountTimeZone } = loaded;
  await deps.db.transaction().execute(async (tx) => {
    const begun = await transition(tx, campaign.id, 'begin', {}, campaign.revision);
    if (!begun || begun.frozen_at) return;
    await freezeAudience(tx, {
      campaignId: campaign.id,
      audienceId: campaign.audience_id,
      senderId: sender.id,
      marketing: isMarketing(template),
      placeholders: form.placeholders,
      variables: campaign.variables,
      localSchedule: localSchedule(campaign),
      accountTimeZone,
    });
    await setGates(tx, campaign.id, true);
    await tx
      .updateTable('campaigns')
      .set((eb) => ({
        template: json(form),
        frozen_at: deps.clock.now().toJSDate(),
        total: eb
          .selectFrom('campaign_tallies')
          .select(({ fn }) => fn.coalesce(fn.sum<number>('count'), eb.lit(0)).as('total'))
          .where('campaign_id', '=', campaign.id),
      }))
      .where('id', '=', campaign.id)
      .execute();
  });
}

/** The schedule is stored as if it were UTC; with `send_at_local` its wall time counts in each recipient's zone. */
function localSchedule(campaign: Campaign): string | null {
  if (!campaign.send_at_local || !campaign.schedule) return null;
  return DateTime.fromJSDate(campaign.schedule, { zone: 'utc' }).toFormat('yyyy-MM-dd HH:mm:ss');
}

/** Nothing, when somebody has steered the campaign since it was looked at: whoever looks again sees that. */
async function close(
  deps: ActivityDeps,
  { id, revision }: Campaign,
  event: Extract<CampaignEvent, 'complete' | 'fail' | 'pause'>,
  finishedAt: Date | null,
  reason: string | null = null,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const changes = { status_reason: reason, ...(finishedAt ? { finished_at: finishedAt } : {}) };
    const closed = await transition(tx, id, event, changes, revision);
    if (closed) await setGates(tx, id, false);
  });
}

/** From the ledger alone, so that a campaign whose workflow was lost goes on where it stopped. */
async function planSending(
  deps: ActivityDeps,
  { campaign, sender }: CampaignForSending,
): Promise<SendingPlan> {
  const end = (campaign.total ?? 0) + 1;
  const next = (await firstUnclaimed(deps.db, campaign.id, 1, end)) ?? end;
  const rate = Math.min(sender.rate_per_second, campaign.rate_per_second ?? Infinity);
  const bySlots = Math.ceil(deps.slots.total / LANE_SLOTS);
  const lanes = Math.min(MOST_LANES, bySlots, Math.max(1, Math.ceil(rate / LANE_RATE)));
  const perLane = Math.ceil((rate / lanes) * RANGE_SECONDS);
  const rangeSize = Math.min(LARGEST_RANGE, Math.max(SMALLEST_RANGE, perLane));
  return { next, end, lanes, rangeSize };
}
