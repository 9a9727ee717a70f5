/**
 * A campaign's life:
 *
 *   scheduled -> in_progress <-> paused -> ... -> completed
 *   scheduled | in_progress | paused -> canceled
 *   scheduled | in_progress | paused -> failed      (sender or template gone for good)
 *
 * PostgreSQL owns the transition (one guarded UPDATE with `allowedFrom`); the workflow uses the same table.
 */
export const CAMPAIGN_STATUSES = [
  'scheduled',
  'in_progress',
  'paused',
  'completed',
  'canceled',
  'failed',
] as const;

export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

export type CampaignEvent =
  | 'reschedule'
  | 'begin'
  | 'pause'
  | 'hold'
  | 'resume'
  | 'wait_again'
  | 'cancel'
  | 'complete'
  | 'fail'
  | 'reopen';

const TRANSITIONS: Record<CampaignEvent, { from: readonly CampaignStatus[]; to: CampaignStatus }> =
  {
    reschedule: { from: ['scheduled'], to: 'scheduled' },
    begin: { from: ['scheduled', 'in_progress'], to: 'in_progress' },
    pause: { from: ['scheduled', 'in_progress'], to: 'paused' },
    /** An operator pauses what Casement had paused by itself: it stays so until an operator resumes it. */
    hold: { from: ['paused'], to: 'paused' },
    resume: { from: ['paused'], to: 'in_progress' },
    /** Resumed before its time: back to waiting for the schedule. */
    wait_again: { from: ['paused'], to: 'scheduled' },
    cancel: { from: ['scheduled', 'in_progress', 'paused'], to: 'canceled' },
    complete: { from: ['in_progress'], to: 'completed' },
    fail: { from: ['scheduled', 'in_progress', 'paused'], to: 'failed' },
    /** Failed recipients of a finished campaign are sent again (`retry-failed`). */
    reopen: { from: ['completed', 'in_progress'], to: 'in_progress' },
  };

/** The states an event may leave from: the guard of the SQL that carries it out. */
export function allowedFrom(event: CampaignEvent): readonly CampaignStatus[] {
  return TRANSITIONS[event].from;
}

export function resultOf(event: CampaignEvent): CampaignStatus {
  return TRANSITIONS[event].to;
}

export function isFinished(status: CampaignStatus): boolean {
  return status === 'completed' || status === 'canceled' || status === 'failed';
}

/** Why a campaign is paused. Set by operators (`requested`) or by Casement itself. */
export type PauseReason =
  'requested' | 'missed_start' | 'template_paused' | 'sender_halted' | 'too_many_content_failures';
