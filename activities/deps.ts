import type { Pool } from 'pg';
import type { Clock, MessageSender, Meter } from '../domain/ports';
import type { Db } from '../db/connect';
import type { Notifications } from '../db/notifications';
import type { Sender } from '../db/schema';
import type { Slots } from './slots';
import type { Spacing } from './spacing';

/** What the activities of one worker share. */
export interface ActivityDeps {
  db: Db;
  /** Its own connections for the hot path: named statements, and never behind a slow query. */
  pool: Pool;
  clock: Clock;
  /** POSTs in flight at once in this worker, over all campaigns. */
  slots: Slots;
  /** Between the POSTs of this worker. */
  spacing: Spacing;
  /** A keep-alive client of the sender's provider; cached until the sender's settings change. */
  providerFor: (sender: Sender) => MessageSender;
  notifications: Notifications;
  meter?: Meter;
  settings: {
    /** A start later than this pauses the campaign instead (milliseconds). */
    missedStartMs: number;
    /** After this long an unknown outcome stays unknown, or is sent again if the campaign says so (milliseconds). */
    unknownAfterMs: number;
    /** A POST without an answer counts as unknown after this long (milliseconds). */
    sendTimeoutMs: number;
    /** A sender's lane listens this long for further direct messages before it falls asleep (milliseconds). */
    laneLingerMs: number;
  };
}
