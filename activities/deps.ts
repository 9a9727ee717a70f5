import type { Pool } from 'pg';
import type { Clock, MessageSender, Meter, SecretBox } from '../domain/ports';
import type { Db, Tx } from '../db/connect';
import type { Notifications } from '../db/notifications';
import type { Sender } from '../db/schema';
import type { OutboundClient } from '../outbound/client';
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

/** What the activities that call customers' endpoints share. */
export interface WebhookDeps {
  db: Db;
  clock: Clock;
  secrets: SecretBox;
  outbound: OutboundClient;
  meter?: Meter;
  /** Tells those of these endpoints that rest, whose deliveries this transaction has made. */
  wake: (tx: Tx, endpointIds: readonly string[]) => Promise<unknown>;
  settings: {
    /** An endpoint that has not answered after this long will not (milliseconds). */
    timeoutMs: number;
    /** After a delivery further ones are waited for this long (milliseconds). */
    lingerMs: number;
  };
}
