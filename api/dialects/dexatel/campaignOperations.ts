import { z } from 'zod';
import { CAMPAIGN_STATUSES } from '../../../domain/campaign';
import { RECIPIENT_STATES } from '../../../domain/recipient';
import { EMPTY, operations } from '../../openapi/operation';
import { commaList } from '../../openapi/shapes';
import { analytics, campaign, control, preflight, recipient, requeued } from './campaignAnswers';
import { changeSchema, createSchema, duplicateSchema, preflightSchema } from './campaignSchema';
import { channelFilter, data, list, optionalData, pageQuery } from './describe';

const ONE = ['campaign_not_found', 'campaign_id_invalid'] as const;
const SCHEDULE = ['schedule_format', 'schedule_in_past'] as const;
const NAME = ['campaign_name_invalid', 'campaign_name_taken'] as const;
const CONTENT = [
  'template_header_required',
  'template_header_invalid',
  'template_variable_missing',
  'template_variable_too_long',
  'template_variable_invalid',
] as const;

const running = operations('Campaigns', {
  'GET /v1/campaigns': {
    summary: 'List campaigns',
    scope: 'campaigns:read',
    query: z.object({
      'filter[channel]': channelFilter,
      'filter[statuses]': z.string().optional().meta(commaList(CAMPAIGN_STATUSES)),
      ...pageQuery.shape,
    }),
    answers: { 200: list(campaign) },
    errors: ['channel_invalid'],
  },
  'POST /v1/campaigns': {
    summary: 'Create a campaign',
    description: 'Without a schedule it starts at once.',
    scope: 'campaigns:write',
    body: data(createSchema),
    idempotent: true,
    answers: { 201: data(campaign) },
    errors: [
      ...NAME,
      ...SCHEDULE,
      'channel_invalid',
      'sender_required',
      'sender_invalid',
      'audience_required',
      'audience_invalid',
      'template_required',
      'template_invalid',
      'campaign_audience_unknown',
      'campaign_audience_channel',
      'campaign_template_unknown',
      ...CONTENT,
    ],
  },
  'GET /v1/campaigns/:id': {
    summary: 'Get a campaign',
    scope: 'campaigns:read',
    answers: { 200: data(campaign) },
    errors: ONE,
  },
  'PUT /v1/campaigns/:id': {
    summary: 'Change a campaign',
    description:
      'Renames it; moves it while it is scheduled; cancels it with the status `canceled`.',
    scope: 'campaigns:write',
    body: data(changeSchema),
    answers: { 200: data(campaign) },
    errors: [...ONE, ...NAME, ...SCHEDULE, 'campaign_status_conflict'],
  },
  'DELETE /v1/campaigns/:id': {
    summary: 'Delete a campaign',
    description: 'One that is not finished is stopped and stays readable as `canceled`.',
    scope: 'campaigns:write',
    answers: { 204: EMPTY },
    errors: [...ONE, 'campaign_not_deletable'],
  },
  'POST /v1/campaigns/:id/pause': {
    summary: 'Pause a campaign',
    description: 'After the answer no further message leaves but those it calls `in_flight`.',
    scope: 'campaigns:write',
    idempotent: true,
    answers: { 200: data(control) },
    errors: [...ONE, 'campaign_status_conflict'],
  },
  'POST /v1/campaigns/:id/resume': {
    summary: 'Resume a campaign',
    scope: 'campaigns:write',
    idempotent: true,
    answers: { 200: data(control) },
    errors: [...ONE, 'campaign_status_conflict'],
  },
  'POST /v1/campaigns/:id/cancel': {
    summary: 'Cancel a campaign',
    description: 'After the answer no further message leaves but those it calls `in_flight`.',
    scope: 'campaigns:write',
    idempotent: true,
    answers: { 200: data(control) },
    errors: [...ONE, 'campaign_status_conflict'],
  },
  'POST /v1/campaigns/:id/retry-failed': {
    summary: 'Retry failed recipients',
    scope: 'campaigns:write',
    idempotent: true,
    answers: { 200: data(requeued) },
    errors: [...ONE, 'campaign_status_conflict'],
  },
  'POST /v1/campaigns/:id/duplicate': {
    summary: 'Duplicate a campaign',
    scope: 'campaigns:write',
    body: optionalData(duplicateSchema),
    idempotent: true,
    answers: { 201: data(campaign) },
    errors: [...ONE, ...NAME, ...CONTENT],
  },
});

const reports = operations('Campaign reports', {
  'POST /v1/campaigns/:id/preflight': {
    summary: 'Preflight a campaign',
    description: 'Who would get it, who not and why, and how long it takes; with one test send.',
    scope: 'campaigns:write',
    body: optionalData(preflightSchema),
    idempotent: true,
    answers: { 200: data(preflight) },
    errors: [...ONE, 'contact_number_invalid'],
  },
  'GET /v1/campaigns/:id/analytics': {
    summary: 'Get the analytics of a campaign',
    scope: 'campaigns:read',
    answers: { 200: data(analytics) },
    errors: ONE,
  },
  'GET /v1/campaigns/:id/recipients': {
    summary: 'List the recipients of a campaign',
    description: 'As CSV, where that is accepted, all of them; as JSON a page.',
    scope: 'campaigns:read',
    query: z.object({ state: z.enum(RECIPIENT_STATES).optional(), ...pageQuery.shape }),
    answers: { 200: { content: { ...list(recipient).content, 'text/csv': z.string() } } },
    errors: [...ONE, 'recipient_state_invalid'],
  },
});

export const campaignOperations = { ...running, ...reports };
