import type { DateTime } from 'luxon';
import type { CampaignStatus } from '../domain/campaign';
import type { Progress, RecipientState } from '../domain/recipient';
import type { GivenHeader } from '../domain/templateForm';
import type { Campaign, VariableSource } from '../db/schema';

/** A campaign with what its readers always want beside it. */
export interface CampaignView {
  campaign: Campaign;
  senderName: string;
  progress: Progress;
}

export interface CreateCampaign {
  name?: string;
  senderName: string;
  templateId: string;
  audienceId: string;
  /** Null: at once. */
  schedule: DateTime<true> | null;
  variables?: Record<string, VariableSource>;
  /** Shown in place of the template's own media; a place, where the template shows one. */
  header?: GivenHeader | null;
  sendAtLocal?: boolean;
  onUnknown?: 'keep' | 'resend';
  ratePerSecond?: number;
}

export interface CampaignFilter {
  statuses?: readonly CampaignStatus[];
  channel?: string;
  /** Id of the last campaign of the page before. */
  after?: string;
  limit: number;
}

export interface Page<T> {
  rows: T[];
  total: number;
  /** Cursor of the next page, null at the end. */
  next: string | null;
}

export interface ControlResult {
  status: CampaignStatus;
  progress: Progress;
  /** POSTs that had been claimed when the verb took effect: no more than these still reach the provider. */
  inFlight: number;
}

export interface CampaignChange {
  name?: string;
  schedule?: DateTime<true>;
  cancel?: boolean;
}

export interface CampaignAnalytics {
  progress: Progress;
  /** Cumulative: everything that got at least this far. */
  funnel: { sent: number; delivered: number; read: number };
  failedByReason: Record<string, number>;
  skippedByReason: Record<string, number>;
  /** Per minute, oldest first. */
  timeline: { minute: Date; sent: number; delivered: number; read: number; failed: number }[];
}

export interface RecipientRow {
  position: number;
  number: string;
  state: RecipientState;
  reason: string | null;
  attempts: number;
  attemptAt: Date | null;
  nextAttemptAt: Date | null;
  statusAt: Date | null;
}

export interface RecipientFilter {
  state?: RecipientState;
  /** Position after which the page starts. */
  after?: number;
  limit: number;
}

export interface Preflight {
  total: number;
  willSend: number;
  skippedByReason: Record<string, number>;
  unknownTimeZones: number;
  /** Seconds at the sender's (or the campaign's own) rate. */
  estimatedSeconds: number;
  warnings: string[];
  testSend: { number: string; outcome: 'accepted' | 'rejected' | 'unknown'; code?: number } | null;
}
