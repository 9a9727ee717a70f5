import { DomainError } from '../domain/errors';
import { parsePhone, phoneDigits } from '../domain/phone';
import { emptyProgress } from '../domain/recipient';
import { isMarketing, templateContent } from '../domain/template';
import { ownHeader, templateForm } from '../domain/templateForm';
import { loadForSending, type CampaignForSending } from '../db/campaign';
import { forecastAudience, progressOf, recipientPage, tallyByReason } from '../db/recipient';
import type { CampaignAnalytics, Preflight, RecipientFilter, RecipientRow } from './campaignTypes';
import { mustFind } from './campaignView';
import type { Caller, Deps } from './deps';

/** Everything from the tallies and the timeline: costs the same for a hundred recipients and for a million. */
export async function campaignAnalytics(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<CampaignAnalytics> {
  await mustFind(deps.db, caller, id);
  const [progress, failedByReason, skippedByReason, timeline] = await Promise.all([
    progressOf(deps.db, [id]).then((found) => found.get(id) ?? emptyProgress()),
    tallyByReason(deps.db, id, 'failed'),
    tallyByReason(deps.db, id, 'skipped'),
    timelineOf(deps, id),
  ]);
  const delivered = progress.delivered + progress.read;
  return {
    progress,
    funnel: { sent: progress.sent + delivered, delivered, read: progress.read },
    failedByReason,
    skippedByReason,
    timeline,
  };
}

async function timelineOf(deps: Deps, id: string): Promise<CampaignAnalytics['timeline']> {
  const rows = await deps.db
    .selectFrom('campaign_timeline')
    .select(['minute', 'state', 'count'])
    .where('campaign_id', '=', id)
    .orderBy('minute')
    .execute();
  const minutes = new Map<number, CampaignAnalytics['timeline'][number]>();
  for (const { minute, state, count } of rows) {
    const entry = minutes.get(minute.getTime()) ?? {
      minute,
      sent: 0,
      delivered: 0,
      read: 0,
      failed: 0,
    };
    if (state === 'sent' || state === 'delivered' || state === 'read' || state === 'failed') {
      entry[state] += count;
    }
    minutes.set(minute.getTime(), entry);
  }
  return [...minutes.values()];
}

export async function listRecipients(
  deps: Deps,
  caller: Caller,
  id: string,
  filter: RecipientFilter,
): Promise<{ rows: RecipientRow[]; next: number | null }> {
  await mustFind(deps.db, caller, id);
  const found = await recipientPage(deps.db, id, {
    state: filter.state,
    after: filter.after ?? 0,
    limit: filter.limit + 1,
  });
  const rows = found.slice(0, filter.limit).map((row) => ({
    position: row.position,
    number: row.phone,
    state: row.state,
    reason: row.reason,
    attempts: row.attempts,
    attemptAt: row.attempt_at,
    nextAttemptAt: row.next_attempt_at,
    statusAt: row.status_at,
  }));
  return { rows, next: found.length > filter.limit ? rows.at(-1)!.position : null };
}

/** Who would get it, who not and why, how long it takes; and one real message to a number of the caller's. */
export async function preflightCampaign(
  deps: Deps,
  caller: Caller,
  id: string,
  input: { testNumber?: string },
): Promise<Preflight> {
  await mustFind(deps.db, caller, id);
  const loaded = (await loadForSending(deps.db, id))!;
  const { campaign, sender, template } = loaded;
  const forecast = await forecastAudience(deps.db, {
    audienceId: campaign.audience_id,
    senderId: campaign.sender_id,
    marketing: isMarketing(template),
    placeholders: template.placeholders,
    variables: campaign.variables,
  });
  const rate = Math.min(sender.rate_per_second, campaign.rate_per_second ?? Infinity);
  const warnings: string[] = [];
  if (template.status !== 'approved') warnings.push(`The template is ${template.status}.`);
  if (sender.health !== 'active') warnings.push(`The sender is ${sender.health}.`);
  if (sender.daily_limit !== null && forecast.sendable > sender.daily_limit) {
    warnings.push(`The sender may reach ${sender.daily_limit} new people a day.`);
  }
  return {
    total: forecast.total,
    willSend: forecast.sendable,
    skippedByReason: forecast.skippedByReason,
    unknownTimeZones: campaign.send_at_local ? forecast.withoutTimeZone : 0,
    estimatedSeconds: Math.ceil(forecast.sendable / rate),
    warnings,
    testSend: await testSend(deps, loaded, input.testNumber),
  };
}

/** One real message, outside the ledger: placeholders without a literal show their own name. */
async function testSend(
  deps: Deps,
  { campaign, sender, template }: CampaignForSending,
  testNumber: string | undefined,
): Promise<Preflight['testSend']> {
  if (testNumber === undefined) return null;
  const number = parsePhone(testNumber);
  if (!number) throw new DomainError('contact_number_invalid', 'The test number is not valid.');
  const form = templateForm(template, campaign.header ?? ownHeader(template.header));
  const values = form.placeholders.map((name) => {
    const source = campaign.variables[name];
    return source && 'value' in source ? source.value : `[${name}]`;
  });
  const outcome = await deps.providerFor(sender).send({
    to: number,
    reference: `test.${campaign.id}`,
    content: templateContent(form, values),
  });
  const code = outcome.kind === 'rejected' ? { code: outcome.code } : {};
  return { number: phoneDigits(number), outcome: outcome.kind, ...code };
}
