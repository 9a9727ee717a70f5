import type { CampaignStatus } from '../../../domain/campaign';
import type { Progress } from '../../../domain/recipient';
import { phoneDigits } from '../../../domain/phone';
import type {
  CampaignAnalytics,
  CampaignView,
  ControlResult,
  Preflight,
  RecipientRow,
} from '../../../usecases/campaignTypes';
import type { HeaderValue } from '../../../domain/templateForm';
import type {
  AnalyticsAnswer,
  CampaignAnswer,
  ControlAnswer,
  MessageCounts,
  PreflightAnswer,
  RecipientAnswer,
} from './campaignAnswers';
import { dexatelDate, dexatelDateOrNull } from './date';

/** The documented fields first, then Dexatel's further ones, then ours. */
export function renderCampaign(view: CampaignView): CampaignAnswer {
  const { campaign, senderName, progress } = view;
  const paused = campaign.status === 'paused';
  return {
    id: campaign.id,
    name: campaign.name,
    channel: campaign.channel.toLowerCase(),
    status: shownStatus(campaign.status),
    sender: senderName,
    template_id: campaign.template_id,
    audience_id: campaign.audience_id,
    schedule: dexatelDateOrNull(campaign.schedule),
    create_date: dexatelDate(campaign.created_at),
    account_id: campaign.account_id,
    update_date: dexatelDate(campaign.updated_at),
    messages: renderMessages(progress),
    links: {
      self: `/v1/campaigns/${campaign.id}`,
      account: null,
      template: `/v1/templates/${campaign.template_id}`,
      audience: `/v1/audiences/${campaign.audience_id}`,
    },
    paused,
    paused_reason: paused ? campaign.status_reason : null,
    status_reason: campaign.status_reason,
    send_at_local: campaign.send_at_local,
    on_unknown: campaign.on_unknown,
    rate_per_second: campaign.rate_per_second,
    variables: campaign.variables,
    header: renderHeader(campaign.header),
    progress,
  };
}

/** Dexatel has no word for a paused campaign. */
function shownStatus(status: CampaignStatus): CampaignAnswer['status'] {
  return status === 'paused' ? 'in_progress' : status;
}

/** Links and ids as they are given. */
function renderHeader(header: HeaderValue | null): CampaignAnswer['header'] {
  if (!header || header.type === 'location') return header;
  const { link, id, ...rest } = header;
  return { ...rest, ...(link && { url: link }), ...(id && { media_id: id }) };
}

/** Cumulative: what was read was delivered, and what was delivered was sent. */
function renderMessages(progress: Progress): MessageCounts {
  const delivered = progress.delivered + progress.read;
  return {
    total: progress.total,
    sent: progress.sent + delivered,
    delivered,
    read: progress.read,
    failed: progress.failed,
  };
}

export function renderControl(result: ControlResult): ControlAnswer {
  return {
    status: shownStatus(result.status),
    paused: result.status === 'paused',
    progress: result.progress,
    in_flight: result.inFlight,
  };
}

export function renderAnalytics(analytics: CampaignAnalytics): AnalyticsAnswer {
  return {
    messages: renderMessages(analytics.progress),
    progress: analytics.progress,
    funnel: analytics.funnel,
    failed_by_reason: analytics.failedByReason,
    skipped_by_reason: analytics.skippedByReason,
    timeline: analytics.timeline.map(({ minute, ...counts }) => ({
      minute: dexatelDate(minute),
      ...counts,
    })),
  };
}

export function renderPreflight(preflight: Preflight): PreflightAnswer {
  const test = preflight.testSend;
  return {
    total: preflight.total,
    will_send: preflight.willSend,
    skipped_by_reason: preflight.skippedByReason,
    unknown_time_zones: preflight.unknownTimeZones,
    estimated_seconds: preflight.estimatedSeconds,
    warnings: preflight.warnings,
    test_send: test && {
      number: phoneDigits(test.number),
      outcome: test.outcome,
      code: test.code ?? null,
    },
  };
}

const RECIPIENT_COLUMNS = [
  'position',
  'number',
  'state',
  'reason',
  'attempts',
  'attempt_date',
  'next_attempt_date',
  'status_date',
] as const satisfies readonly (keyof RecipientAnswer)[];

export function renderRecipient(row: RecipientRow): RecipientAnswer {
  return {
    position: row.position,
    number: phoneDigits(row.number),
    state: row.state,
    reason: row.reason,
    attempts: row.attempts,
    attempt_date: dexatelDateOrNull(row.attemptAt),
    next_attempt_date: dexatelDateOrNull(row.nextAttemptAt),
    status_date: dexatelDateOrNull(row.statusAt),
  };
}

export function recipientCsvHeader(): string {
  return `${RECIPIENT_COLUMNS.join(',')}\r\n`;
}

export function recipientCsvLine(row: RecipientRow): string {
  const rendered = renderRecipient(row);
  const cells = RECIPIENT_COLUMNS.map((column) => csvCell(rendered[column]));
  return `${cells.join(',')}\r\n`;
}

/** Text that a spreadsheet would run as a formula gets an apostrophe in front. */
function csvCell(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
