import { DateTime } from 'luxon';
import { DomainError } from '../domain/errors';
import { emptyProgress } from '../domain/recipient';
import { findAudience } from '../db/audience';
import { insertCampaign, listCampaignRows, transition } from '../db/campaign';
import { isUniqueViolation, type Tx } from '../db/connect';
import { findSenderByName } from '../db/sender';
import { findTemplate } from '../db/template';
import type { Audience, Campaign, NewCampaign, Sender, Template } from '../db/schema';
import { campaignWorkflowId } from '../workflows/contract';
import { campaignContent } from './campaignContent';
import { cancelCampaign } from './campaignControl';
import { tellDue } from './campaignSignals';
import type {
  CampaignChange,
  CampaignFilter,
  CampaignView,
  CreateCampaign,
  Page,
} from './campaignTypes';
import { mustFind, view, views } from './campaignView';
import type { Caller, Deps } from './deps';

/** Writes the campaign and the signal that starts its workflow, in one transaction. */
export async function createCampaign(
  deps: Deps,
  caller: Caller,
  input: CreateCampaign,
): Promise<CampaignView> {
  const now = deps.clock.now();
  if (input.schedule && input.schedule <= now) throw pastSchedule();
  const { sender, template, audience } = await findReferences(deps, caller, input);
  const content = campaignContent(template, input);
  const name = input.name?.trim() ?? `Campaign ${now.toUTC().toFormat('yyyy-MM-dd HH:mm:ss.SSS')}`;
  const campaign = await deps.db.transaction().execute(async (tx) => {
    const row = await insertNamed(tx, {
      account_id: caller.accountId,
      sender_id: sender.id,
      template_id: template.id,
      audience_id: audience.id,
      name,
      channel: 'WHATSAPP',
      status: input.schedule ? 'scheduled' : 'in_progress',
      schedule: input.schedule?.toJSDate() ?? null,
      due_at: dueAt(input.schedule, input.sendAtLocal ?? false, now).toJSDate(),
      send_at_local: input.sendAtLocal ?? false,
      on_unknown: input.onUnknown ?? 'keep',
      rate_per_second: input.ratePerSecond ?? null,
      ...content,
    });
    if (row.rate_per_second !== null) {
      await tx.insertInto('budgets').values({ id: row.id }).execute();
    }
    await tellDue(tx, row);
    return row;
  });
  deps.deliverSignals([campaignWorkflowId(campaign.id)]);
  return { campaign, senderName: sender.name, progress: emptyProgress() };
}

/** With `send_at_local` the first zone on earth reaches the wall time 14 hours before UTC does. */
function dueAt(
  schedule: DateTime<true> | null,
  sendAtLocal: boolean,
  now: DateTime<true>,
): DateTime<true> {
  if (!schedule) return now;
  const first = sendAtLocal ? schedule.minus({ hours: 14 }) : schedule;
  return first > now ? first : now;
}

/** Newest first. */
export async function listCampaigns(
  deps: Deps,
  caller: Caller,
  filter: CampaignFilter,
): Promise<Page<CampaignView>> {
  const { rows, total } = await listCampaignRows(deps.db, caller.accountId, {
    ...filter,
    limit: filter.limit + 1,
  });
  const page = rows.slice(0, filter.limit);
  const next = rows.length > filter.limit ? page.at(-1)!.id : null;
  return { rows: await views(deps.db, page), total, next };
}

export async function getCampaign(deps: Deps, caller: Caller, id: string): Promise<CampaignView> {
  return view(deps.db, await mustFind(deps.db, caller, id));
}

/** Reschedules (only while scheduled), renames, or cancels. All of it, or nothing. */
export async function changeCampaign(
  deps: Deps,
  caller: Caller,
  id: string,
  change: CampaignChange,
): Promise<CampaignView> {
  if (change.cancel) {
    await cancelCampaign(deps, caller, id);
    return getCampaign(deps, caller, id);
  }
  const now = deps.clock.now();
  const { schedule, name } = change;
  if (schedule && schedule <= now) throw pastSchedule();
  const campaign = await deps.db.transaction().execute(async (tx) => {
    let row = await mustFind(tx, caller, id);
    if (schedule) row = await reschedule(tx, row, schedule, now);
    if (name !== undefined) row = await rename(tx, row, name.trim());
    return row;
  });
  deps.deliverSignals([campaignWorkflowId(id)]);
  return view(deps.db, campaign);
}

async function reschedule(
  tx: Tx,
  campaign: Campaign,
  schedule: DateTime<true>,
  now: DateTime<true>,
): Promise<Campaign> {
  const row = await transition(tx, campaign.id, 'reschedule', {
    schedule: schedule.toJSDate(),
    due_at: dueAt(schedule, campaign.send_at_local, now).toJSDate(),
  });
  if (!row) {
    throw new DomainError(
      'campaign_status_conflict',
      'Only a scheduled campaign can be rescheduled.',
    );
  }
  await tellDue(tx, row);
  return row;
}

async function rename(tx: Tx, campaign: Campaign, name: string): Promise<Campaign> {
  try {
    return await tx
      .updateTable('campaigns')
      .set({ name })
      .where('id', '=', campaign.id)
      .returningAll()
      .executeTakeFirstOrThrow();
  } catch (error) {
    throw isUniqueViolation(error) ? nameTaken() : error;
  }
}

/**
 * Stops a campaign that is not finished and keeps it readable as canceled; hides a finished one (contract of the
 * Dexatel dialect, the only one with a delete).
 */
export async function deleteCampaign(deps: Deps, caller: Caller, id: string): Promise<void> {
  if (await hideFinished(deps, caller, id)) return;
  try {
    await cancelCampaign(deps, caller, id);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'campaign_status_conflict') throw error;
    // It has finished in between, and so it is a finished one that is deleted; or somebody has deleted it, too.
    if (await hideFinished(deps, caller, id)) return;
    await mustFind(deps.db, caller, id);
    throw new DomainError('campaign_not_deletable', 'The campaign is changing; try again.');
  }
}

async function hideFinished(deps: Deps, caller: Caller, id: string): Promise<boolean> {
  const hidden = await deps.db
    .updateTable('campaigns')
    .set({ deleted_at: deps.clock.now().toJSDate() })
    .where('account_id', '=', caller.accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .where('status', 'in', ['completed', 'canceled', 'failed'])
    .executeTakeFirst();
  return hidden.numUpdatedRows > 0n;
}

/** A new campaign like this one, to be sent at once or at the same time if that is still to come. */
export async function duplicateCampaign(
  deps: Deps,
  caller: Caller,
  id: string,
  input: { name?: string },
): Promise<CampaignView> {
  const original = await mustFind(deps.db, caller, id);
  const { senderName } = await view(deps.db, original);
  const now = deps.clock.now();
  const schedule = original.schedule && DateTime.fromJSDate(original.schedule, { zone: 'utc' });
  const upcoming = schedule?.isValid && schedule > now ? schedule : null;
  return createCampaign(deps, caller, {
    name: input.name,
    senderName,
    templateId: original.template_id,
    audienceId: original.audience_id,
    schedule: upcoming,
    variables: original.variables,
    header: original.header,
    sendAtLocal: original.send_at_local,
    onUnknown: original.on_unknown,
    ratePerSecond: original.rate_per_second ?? undefined,
  });
}

interface References {
  sender: Sender;
  template: Template;
  audience: Audience;
}

/** What a campaign refers to must exist in the account, on the WhatsApp channel, and be ready to send. */
export async function findReferences(
  deps: Deps,
  caller: Caller,
  input: Pick<CreateCampaign, 'senderName' | 'templateId' | 'audienceId'>,
): Promise<References> {
  const [sender, template, audience] = await Promise.all([
    findSenderByName(deps.db, caller.accountId, input.senderName),
    findTemplate(deps.db, caller.accountId, input.templateId),
    findAudience(deps.db, caller.accountId, input.audienceId),
  ]);
  if (!sender) throw new DomainError('sender_invalid', 'No WhatsApp sender has this name.');
  if (!template || template.channel !== 'WHATSAPP') {
    throw new DomainError('campaign_template_unknown', 'No WhatsApp template has this id.');
  }
  if (template.status !== 'approved') {
    throw new DomainError('template_invalid', 'The template is not COMPLETED.');
  }
  if (!audience) throw new DomainError('campaign_audience_unknown', 'No audience has this id.');
  if (audience.channel !== 'WHATSAPP') {
    throw new DomainError('campaign_audience_channel', 'The audience is of another channel.');
  }
  return { sender, template, audience };
}

async function insertNamed(tx: Tx, campaign: NewCampaign): Promise<Campaign> {
  try {
    return await insertCampaign(tx, campaign);
  } catch (error) {
    throw isUniqueViolation(error) ? nameTaken() : error;
  }
}

function pastSchedule(): DomainError {
  return new DomainError('schedule_in_past', 'The schedule must be in the future.');
}

function nameTaken(): DomainError {
  return new DomainError('campaign_name_taken', 'A campaign with this name exists.');
}
