import type { Client } from '@temporalio/client';
import type { Clock, Meter, Provider } from '../domain/ports';
import type { Db } from '../db/connect';
import type { Sender } from '../db/schema';
import type { UrlGuard } from '../outbound/guard';
import type { Log } from '../runtime/log';
import { pauseUnsendable, resumeSendable } from '../usecases/autoPause';
import { forgetEvents, relayEvents, wakeLostEndpoints } from '../usecases/eventRelay';
import { wakeLostLanes } from '../usecases/laneSweep';
import { SignalDelivery } from '../usecases/signals';
import { importTemplates } from '../usecases/templateImport';
import { submitTemplates, withdrawTemplates } from '../usecases/templateSubmission';
import { applyWebhooks, retryParked } from '../usecases/webhookRelay';
import { closeLostWindows } from '../usecases/windowSweep';

export interface RelayDeps {
  db: Db;
  client: Client;
  clock: Clock;
  log: Log;
  meter: Meter;
  providerFor: (sender: Sender) => Provider;
  urlGuard: UrlGuard;
  /** Events are kept for this long (milliseconds). */
  eventRetentionMs: number;
  /** Windows that open are closing soon from so long before their end (milliseconds). */
  closingSoonMs: number;
}

/** How long a signal is left to the process that wrote it before the relay delivers it (milliseconds). */
const SIGNAL_GRACE_MS = 1_000;
/** Webhooks wait this long at most when there are few (milliseconds). */
const WEBHOOK_PAUSE_MS = 50;
const WORTHWHILE = 400;
/** Events wait this long at most for their place (milliseconds). */
const EVENT_PAUSE_MS = 100;
const FORGET_PAUSE_MS = 60_000;
/** How often webhook endpoints are looked for that a lost workflow left alone (milliseconds). */
const WEBHOOK_SWEEP_MS = 60_000;
/** How often windows are looked for that a lost workflow left open (milliseconds). */
const WINDOW_PAUSE_MS = 30_000;
/** How often senders are looked for whose direct messages nobody fetches (milliseconds). */
const LANE_PAUSE_MS = 15_000;

/** Background loops of the worker: each moves on what a table holds, and can run in any number of workers. */
export function startRelays(deps: RelayDeps): { stop(): Promise<void> } {
  const { closingSoonMs } = deps;
  const refused = (error: unknown) => deps.log.warn({ err: error }, 'Temporal refuses a signal');
  const delivery = new SignalDelivery(deps.db, deps.client, refused, { closingSoonMs });
  const deliverSignals = (ids: readonly string[]) => delivery.deliverSoon(ids);
  const events = { db: deps.db, deliverSignals };
  const loops = [
    new Loop('signals', 1_000, () => delivery.sweep({ olderThanMs: SIGNAL_GRACE_MS }), deps.log),
    new Loop('webhooks', WEBHOOK_PAUSE_MS, () => applyWhenWorthwhile(deps), deps.log),
    new Loop('parked statuses', 5_000, () => retryParked(deps.db, deps.meter), deps.log),
    new Loop('template submissions', 1_000, () => submitTemplates(deps), deps.log),
    new Loop('template withdrawals', 5_000, () => withdrawTemplates(deps), deps.log),
    new Loop('template imports', 5_000, () => importTemplates(deps), deps.log),
    new Loop('paused templates', 1_000, () => pauseUnsendable(deps.db), deps.log),
    new Loop('returned templates', 1_000, () => resumeSendable(deps), deps.log),
    new Loop('events', EVENT_PAUSE_MS, () => relayEvents(events), deps.log),
    new Loop('old events', FORGET_PAUSE_MS, () => forgetOld(deps), deps.log),
    new Loop('lost webhooks', WEBHOOK_SWEEP_MS, () => wakeLostEndpoints(deps), deps.log),
    new Loop('lost lanes', LANE_PAUSE_MS, () => wakeLostLanes(deps), deps.log),
    new Loop('lost windows', WINDOW_PAUSE_MS, () => closeLostWindows(deps), deps.log),
  ];
  return {
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

function forgetOld({ db, clock, eventRetentionMs }: RelayDeps): Promise<number> {
  return forgetEvents(db, clock, eventRetentionMs);
}

/** A transaction costs nearly the same for a few webhooks and for many: after a small batch more may gather. */
async function applyWhenWorthwhile({ db, meter }: RelayDeps): Promise<number> {
  const applied = await applyWebhooks(db, meter);
  return applied < WORTHWHILE ? 0 : applied;
}

/** Repeats a step: at once while there is work, after a pause when there is none, after a longer one on errors. */
class Loop {
  private stopped = false;
  private wake: () => void = () => undefined;
  private readonly done: Promise<void>;

  constructor(
    private readonly name: string,
    private readonly pauseMs: number,
    private readonly step: () => Promise<number | void>,
    private readonly log: Log,
  ) {
    this.done = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.done;
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.stopped) {
      try {
        const moved = await this.step();
        failures = 0;
        if (!moved) await this.pause(this.pauseMs);
      } catch (error) {
        failures += 1;
        this.log.warn({ err: error, relay: this.name, failures }, 'relay failed, trying again');
        await this.pause(
          Math.min(30_000, Math.max(this.pauseMs, 250) * 2 ** Math.min(failures, 7)),
        );
      }
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
