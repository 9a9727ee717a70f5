import { sql } from 'kysely';
import { allowedFrom, resultOf, type CampaignEvent, type CampaignStatus } from '../domain/campaign';
import type { Tx } from './connect';
import { recordEvents } from './event';
import { GATES } from './ledger';
import type { Campaign, NewCampaign, Sender, Template } from './schema';

export async function insertCampaign(tx: Tx, campaign: NewCampaign): Promise<Campaign> {
  const row = await tx
    .insertInto('campaigns')
    .values(campaign)
    .returningAll()
    .executeTakeFirstOrThrow();
  await recordStatus(tx, row);
  return row;
}

export function findCampaign(tx: Tx, accountId: string, id: string): Promise<Campaign | undefined> {
  return tx
    .selectFrom('campaigns')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** The campaign as it is now, and stays until the transaction ends. */
export function lockCampaign(tx: Tx, id: string): Promise<Campaign> {
  return tx
    .selectFrom('campaigns')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

/**
 * The one way a campaign changes its state: an UPDATE guarded by the transition table. Undefined when the campaign's
 * state does not allow the event (any more). Every transition raises the revision, which orders signals. `revision`: only
 * if the campaign has not moved since it had this one.
 */
export async function transition(
  tx: Tx,
  id: string,
  event: CampaignEvent,
  changes: Partial<Pick<NewCampaign, 'status_reason' | 'due_at' | 'schedule' | 'finished_at'>> = {},
  revision?: number,
): Promise<Campaign | undefined> {
  const moved = await tx
    .updateTable('campaigns')
    .set({
      status: resultOf(event),
      status_reason: null,
      revision: sql<number>`revision + 1`,
      updated_at: sql<Date>`now()`,
      ...changes,
    })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .where('status', 'in', [...allowedFrom(event)])
    .$if(revision !== undefined, (query) => query.where('revision', '=', revision!))
    .returningAll()
    .returning(sql<CampaignStatus>`old.status`.as('was'))
    .executeTakeFirst();
  if (!moved) return undefined;
  const { was, ...campaign } = moved;
  if (was !== campaign.status) await recordStatus(tx, campaign);
  return campaign;
}

function recordStatus(tx: Tx, campaign: Campaign): Promise<void> {
  const { id, account_id, status, status_reason, updated_at } = campaign;
  const data = { status, reason: status_reason };
  return recordEvents(tx, [
    { accountId: account_id, kind: 'campaign.status', campaignId: id, data, at: updated_at },
  ]);
}

/** The campaign as the engine needs it: with its sender and template. Deleted ones included. */
export interface CampaignForSending {
  campaign: Campaign;
  sender: Sender;
  template: Template;
  accountTimeZone: string;
  audienceDeleted: boolean;
}

export async function loadForSending(tx: Tx, id: string): Promise<CampaignForSending | undefined> {
  const campaign = await tx
    .selectFrom('campaigns')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (!campaign) return undefined;
  const [sender, template, account, audience] = await Promise.all([
    tx
      .selectFrom('senders')
      .selectAll()
      .where('id', '=', campaign.sender_id)
      .executeTakeFirstOrThrow(),
    tx
      .selectFrom('templates')
      .selectAll()
      .where('id', '=', campaign.template_id)
      .executeTakeFirstOrThrow(),
    tx
      .selectFrom('accounts')
      .select('time_zone')
      .where('id', '=', campaign.account_id)
      .executeTakeFirstOrThrow(),
    tx
      .selectFrom('audiences')
      .select('deleted_at')
      .where('id', '=', campaign.audience_id)
      .executeTakeFirstOrThrow(),
  ]);
  const audienceDeleted = audience.deleted_at !== null;
  return { campaign, sender, template, accountTimeZone: account.time_zone, audienceDeleted };
}

/** Lets lanes claim, or stops them: returns only when no claim is in progress any more. */
export async function setGates(tx: Tx, campaignId: string, open: boolean): Promise<void> {
  await sql`
    INSERT INTO campaign_gates (campaign_id, slot, open)
    SELECT ${campaignId}::uuid, slot, ${open} FROM generate_series(0, ${GATES - 1}) AS slot ORDER BY slot
    ON CONFLICT (campaign_id, slot) DO UPDATE SET open = excluded.open`.execute(tx);
}

export interface CampaignListFilter {
  statuses?: readonly CampaignStatus[];
  channel?: string;
  after?: string;
  limit: number;
}

/** Newest first. */
export async function listCampaignRows(
  tx: Tx,
  accountId: string,
  filter: CampaignListFilter,
): Promise<{ rows: Campaign[]; total: number }> {
  const matching = tx
    .selectFrom('campaigns')
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .$if(filter.statuses !== undefined, (query) =>
      query.where('status', 'in', [...(filter.statuses ?? [])]),
    )
    .$if(filter.channel !== undefined, (query) => query.where('channel', '=', filter.channel!));
  const [rows, { total }] = await Promise.all([
    matching
      .selectAll()
      .$if(filter.after !== undefined, (query) => query.where('id', '<', filter.after!))
      .orderBy('id', 'desc')
      .limit(filter.limit)
      .execute(),
    matching.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow(),
  ]);
  return { rows, total };
}

export async function addToTimeline(
  tx: Tx,
  campaignId: string,
  minute: Date,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  if (entries.length === 0) return;
  await sql`
    INSERT INTO campaign_timeline (campaign_id, minute, state, count)
    SELECT ${campaignId}::uuid, date_trunc('minute', ${minute}::timestamptz), state, count
    FROM unnest(${entries.map(([state]) => state)}::recipient_state[], ${entries.map(([, n]) => n)}::bigint[])
      AS added (state, count)
    ORDER BY state
    ON CONFLICT (campaign_id, minute, state) DO UPDATE SET count = campaign_timeline.count + excluded.count`.execute(
    tx,
  );
}

/** Campaigns of these accounts that are being sent or wait for it, or ended after `since`. */
export async function activeCampaigns(
  db: Tx,
  accountIds: readonly string[],
  since: Date,
): Promise<Pick<Campaign, 'id' | 'account_id' | 'status' | 'status_reason'>[]> {
  if (accountIds.length === 0) return [];
  return db
    .selectFrom('campaigns')
    .select(['id', 'account_id', 'status', 'status_reason'])
    .where('account_id', 'in', [...accountIds])
    .where('deleted_at', 'is', null)
    .where((where) =>
      where.or([
        where('status', 'in', ['in_progress', 'paused']),
        where('finished_at', '>', since),
      ]),
    )
    .orderBy('id')
    .execute();
}
