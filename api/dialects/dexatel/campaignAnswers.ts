import { z } from 'zod';
import { CAMPAIGN_STATUSES } from '../../../domain/campaign';
import { RECIPIENT_STATES } from '../../../domain/recipient';
import { dateTime } from './date';
import { accountLink, nullableText } from './describe';

/** What campaigns and their reports look like. The renderers are held to these types, the tests to the schemas. */

const count = z.int().min(0);
/** A paused campaign is shown as in_progress. */
const status = z.enum(CAMPAIGN_STATUSES).exclude(['paused']);
const byReason = z.record(z.string(), count);

const progress = z
  .object({
    total: count,
    pending: count,
    claimed: count,
    unknown: count,
    sent: count,
    delivered: count,
    read: count,
    failed: count,
    skipped: count,
  })
  .meta({ id: 'DexatelProgress', description: 'Recipients by state; the sum is the total.' });

const messages = z
  .object({ total: count, sent: count, delivered: count, read: count, failed: count })
  .meta({ id: 'DexatelMessageCounts', description: 'Cumulative: what was read was delivered.' });

export const campaign = z
  .object({
    id: z.guid(),
    name: z.string(),
    channel: z.string(),
    status,
    sender: z.string(),
    template_id: z.guid(),
    audience_id: z.guid(),
    schedule: dateTime.nullable(),
    create_date: dateTime,
    account_id: z.guid(),
    update_date: dateTime,
    messages,
    links: z.object({
      self: z.string(),
      account: accountLink,
      template: z.string(),
      audience: z.string(),
    }),
    paused: z.boolean(),
    paused_reason: nullableText,
    status_reason: nullableText,
    send_at_local: z.boolean(),
    on_unknown: z.enum(['keep', 'resend']),
    rate_per_second: z.number().nullable(),
    variables: z.record(
      z.string(),
      z.union([z.object({ value: z.string() }), z.object({ field: z.string() })]),
    ),
    header: z
      .object({
        type: z.enum(['image', 'video', 'document', 'location']),
        url: z.string().optional(),
        media_id: z.string().optional(),
        filename: z.string().optional(),
        latitude: z.number().optional(),
        longitude: z.number().optional(),
        name: z.string().optional(),
        address: z.string().optional(),
      })
      .nullable()
      .meta({ description: "Shown in place of the template's own." }),
    progress,
  })
  .meta({ id: 'DexatelCampaign' });

export const control = z
  .object({
    status,
    paused: z.boolean(),
    progress,
    in_flight: count.meta({ description: 'Claimed before the verb: these may still leave.' }),
  })
  .meta({ id: 'DexatelCampaignControl' });

export const requeued = control.extend({ requeued: count }).meta({ id: 'DexatelCampaignRetry' });

export const analytics = z
  .object({
    messages,
    progress,
    funnel: z.object({ sent: count, delivered: count, read: count }),
    failed_by_reason: byReason,
    skipped_by_reason: byReason,
    timeline: z.array(
      z.object({ minute: dateTime, sent: count, delivered: count, read: count, failed: count }),
    ),
  })
  .meta({ id: 'DexatelCampaignAnalytics' });

export const preflight = z
  .object({
    total: count,
    will_send: count,
    skipped_by_reason: byReason,
    unknown_time_zones: count,
    estimated_seconds: z.number().min(0),
    warnings: z.array(z.string()),
    test_send: z
      .object({
        number: z.string(),
        outcome: z.enum(['accepted', 'rejected', 'unknown']),
        code: z.int().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'DexatelCampaignPreflight' });

export const recipient = z
  .object({
    position: z.int().min(1),
    number: z.string(),
    state: z.enum(RECIPIENT_STATES),
    reason: nullableText,
    attempts: count,
    attempt_date: dateTime.nullable(),
    next_attempt_date: dateTime.nullable(),
    status_date: dateTime.nullable(),
  })
  .meta({ id: 'DexatelRecipient' });

export type CampaignAnswer = z.output<typeof campaign>;
export type MessageCounts = z.output<typeof messages>;
export type ControlAnswer = z.output<typeof control>;
export type AnalyticsAnswer = z.output<typeof analytics>;
export type PreflightAnswer = z.output<typeof preflight>;
export type RecipientAnswer = z.output<typeof recipient>;
