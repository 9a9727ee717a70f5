import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { CampaignStatus } from '../domain/campaign';
import type { Progress } from '../domain/recipient';

/** Every name that the api, the worker and the workflows share. */
export const TASK_QUEUE = 'casement';

export const campaignWorkflowId = (campaignId: string): string => `campaign/${campaignId}`;

/** Signals of a campaign. Each carries the revision of the transition it tells of; older ones are ignored. */
export const CAMPAIGN_SIGNALS = {
  reschedule: 'reschedule',
  pause: 'pause',
  resume: 'resume',
  cancel: 'cancel',
} as const;

export interface RescheduleSignal {
  /** Milliseconds since the epoch. */
  at: number;
  revision: number;
}

export interface ControlSignal {
  revision: number;
}

export const senderWorkflowId = (senderId: string): string => `sender/${senderId}`;

/** Workflow type of a sender and its lane. */
export const SENDER_WORKFLOW = 'sender';

export const SENDER_SIGNALS = {
  /** A direct message waits and no lane listens. */
  work: 'work',
  /** An operator says that the number is fine again. */
  resume: 'resume',
} as const;

export interface SenderInput {
  senderId: string;
  /** For the search attributes. */
  accountId: string;
  /** Only after continue-as-new. */
  state?: SenderWorkflowState;
  /** Test hook: continue as new after this many events. */
  renewAfterEvents?: number;
}

export interface SenderWorkflowState {
  status: 'idle' | 'sending' | 'unreachable' | 'halted' | 'gone';
  /** Why it is halted: the provider's code. */
  reason: string | null;
  /** A signal came, or the last activity left work. */
  needed: boolean;
  /** Milliseconds since the epoch at which the next waiting message is due. */
  nextDueAt: number | null;
  /** How long to wait before the provider is tried again. */
  backOffMs: number;
  /** Since the workflow began. */
  sent: number;
  failed: number;
}

/** How a stretch of the lane's work ended. `busy`: there is more to do, at once. */
export interface LaneResult {
  state: 'idle' | 'busy' | 'unreachable' | 'halted' | 'gone';
  reason: string | null;
  /** Milliseconds since the epoch; only when idle. */
  nextDueAt: number | null;
  sent: number;
  failed: number;
}

export const windowWorkflowId = (conversationId: string, number: number): string =>
  `window/${conversationId}/${number}`;

/** Workflow type of a customer service window. */
export const WINDOW_WORKFLOW = 'window';

export const WINDOW_SIGNALS = {
  /** The customer wrote: the window closes later. */
  customerMessage: 'customerMessage',
} as const;

/** Told at most once per window and ten minutes: the database knows the exact time. */
export interface CustomerMessageSignal {
  /** Milliseconds since the epoch; never moves back. */
  closesAt: number;
}

export interface WindowInput {
  conversationId: string;
  /** Counts the windows of the conversation, from 1. */
  number: number;
  /** For the search attributes. */
  senderId: string;
  accountId: string;
  /** Only after continue-as-new. */
  state?: WindowWorkflowState;
  /**
   * How long before the deadline it is closing soon, as configured when it was started; absent: two hours. `jitterMs` is
   * a test hook: up to so much after the deadline it is closed, instead of thirty seconds.
   */
  timing?: { closingSoonMs: number; jitterMs?: number };
  /** Test hook: continue as new after this many events. */
  renewAfterEvents?: number;
}

export type WindowState = 'open' | 'closing_soon' | 'closed';

export interface WindowWorkflowState {
  /** Milliseconds since the epoch; null until a signal or the database told. */
  closesAt: number | null;
  /** Its event is recorded once per window, however often the window is extended after it. */
  saidClosingSoon: boolean;
  /** The customer's last message that this workflow was told of (milliseconds since the epoch). */
  lastSignalAt: number | null;
}

/**
 * What a guarded activity found: it was due and is `done`; the deadline has `moved`; or the window is `gone`, because
 * it was closed already or the conversation has a newer one.
 */
export type WindowFound =
  | { outcome: 'done' | 'moved'; /** Milliseconds since the epoch. */ closesAt: number }
  | { outcome: 'gone' };

/** Activities that call customers' endpoints have slots of their own: somebody slow must not hold up a campaign. */
export const WEBHOOK_QUEUE = 'casement-webhooks';
/** Those of endpoints that are down or slow: they wait for each other, and for nobody else. */
export const SLOW_WEBHOOK_QUEUE = 'casement-webhooks-slow';

export const webhookWorkflowId = (endpointId: string): string => `webhook/${endpointId}`;

/** Workflow type of a customer's webhook endpoint. */
export const WEBHOOK_WORKFLOW = 'webhook';

export const WEBHOOK_SIGNALS = {
  /** There is something to deliver, or the endpoint has changed: look now. */
  wake: 'wake',
} as const;

export interface WebhookInput {
  endpointId: string;
  /** For the search attribute. */
  accountId: string;
  /** Only after continue-as-new. */
  state?: WebhookWorkflowState;
  /** Test hook: continue as new after this many events. */
  renewAfterEvents?: number;
}

export interface WebhookWorkflowState {
  found: WebhookFound | null;
  /** Since the workflow was started. */
  delivered: number;
}

/** What an activity found and did. */
export interface WebhookFound {
  /** `down`: it answers nothing, or errors, and is left alone for a while. `gone`: deleted. */
  state: 'active' | 'down' | 'disabled' | 'gone';
  /** Whether the next look belongs on the slow queue. */
  slow: boolean;
  /** Deliveries that were taken, and attempts that were not. */
  delivered: number;
  refused: number;
  /** Deliveries that are pending still, at most 1,000. */
  waiting: number;
  /** Milliseconds since the epoch at which to look again; 0: at once; null: when there is a signal. */
  lookAt: number | null;
  /** Milliseconds since the epoch since when the endpoint is down. */
  downSince: number | null;
}

export interface CampaignInput {
  campaignId: string;
  /** For the search attributes. */
  senderId: string;
  accountId: string;
  /** Only after continue-as-new. */
  state?: CampaignWorkflowState;
  /** Test hook: continue as new after this many events. */
  renewAfterEvents?: number;
}

/** A half-open range of recipient positions. */
export interface Range {
  from: number;
  to: number;
}

export interface CampaignWorkflowState {
  status: CampaignStatus;
  reason: string | null;
  revision: number;
  /** Milliseconds since the epoch; null until a signal or the database told. */
  dueAt: number | null;
  plan: SendingPlan | null;
  /** Ranges that a stop cut short. */
  unfinished: Range[];
  /** Milliseconds since the epoch at which the next waiting recipient is due. */
  nextDueAt: number | null;
  progress: Progress | null;
  startedAt: number | null;
}

export interface SendingPlan {
  /** First position not handed out yet. */
  next: number;
  /** End (exclusive) of the positions that may be sent. */
  end: number;
  lanes: number;
  rangeSize: number;
}

/** What an activity found in the database: the workflow adapts to it. */
export interface Found {
  status: CampaignStatus;
  reason: string | null;
  revision: number;
  progress: Progress;
}

export interface BeginResult extends Found {
  dueAt: number;
  plan: SendingPlan | null;
  nextDueAt: number | null;
}

export interface SendResult extends Found {
  /** Positions before this one have been claimed. */
  next: number;
  nextDueAt: number | null;
  /** The provider could not be reached at all: wait before the next range. */
  unreachable: boolean;
}

export interface FinishResult extends Found {
  /** When to look again, should recipients still be waiting. */
  nextDueAt: number | null;
}

export const searchAttributes = {
  campaignStatus: defineSearchAttributeKey('CampaignStatus', SearchAttributeType.KEYWORD),
  senderId: defineSearchAttributeKey('SenderId', SearchAttributeType.KEYWORD),
  accountId: defineSearchAttributeKey('AccountId', SearchAttributeType.KEYWORD),
  windowClosesAt: defineSearchAttributeKey('WindowClosesAt', SearchAttributeType.DATETIME),
};
