import { isGrpcServiceError, type Client } from '@temporalio/client';
import { forgetSignals, undeliveredSignals, type StoredSignal } from '../db/signal';
import type { Db } from '../db/connect';
import { TASK_QUEUE } from '../workflows/contract';
import { startOptions } from './windowStart';

/** How many signals one sweep delivers, and how many of them at once: each waits for Temporal's disk. */
const SWEEP = 200;
const AT_ONCE = 16;

export interface SignalSettings {
  /** Windows that open now are closing soon from so long before their end (milliseconds). */
  closingSoonMs: number;
  /** Milliseconds since the epoch. Absent: the system's time. */
  now?: () => number;
}

/**
 * The one road from a committed row to its workflow. Both the request that wrote the row (right after its commit) and
 * the worker's relay (for what that left over) deliver through here; twice is harmless, because facts carry revisions.
 */
export class SignalDelivery {
  constructor(
    private readonly db: Db,
    private readonly client: Client,
    private readonly onError: (error: unknown) => void,
    private readonly settings: SignalSettings,
  ) {}

  /** Tries at once, without making the caller wait; what fails stays in the outbox. */
  deliverSoon(workflowIds: readonly string[]): void {
    void this.sweep({ workflowIds }).catch(this.onError);
  }

  /**
   * Delivers what is undelivered; returns how many were. Throws when Temporal cannot be reached; a single signal that it
   * refuses is reported, stays in the outbox, and does not hold up the others.
   */
  async sweep(
    filter: { workflowIds: readonly string[] } | { olderThanMs: number },
  ): Promise<number> {
    const signals = await undeliveredSignals(this.db, filter, SWEEP);
    const waiting = signals.values();
    const delivered: StoredSignal[] = [];
    const lane = async (): Promise<void> => {
      for (const signal of waiting) {
        if (await this.isDelivered(signal)) delivered.push(signal);
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
    await forgetSignals(this.db, delivered);
    const outage = lanes.find((settled) => settled.status === 'rejected');
    if (outage) throw outage.reason;
    return delivered.length;
  }

  /** False when Temporal refuses this one. */
  private async isDelivered(signal: StoredSignal): Promise<boolean> {
    try {
      await this.deliver(signal);
      return true;
    } catch (error) {
      if (isOutage(error)) throw error;
      this.onError(error);
      return false;
    }
  }

  private async deliver(signal: StoredSignal): Promise<void> {
    const { closingSoonMs, now = Date.now } = this.settings;
    await this.client.workflow.signalWithStart(signal.workflowType, {
      workflowId: signal.workflowId,
      taskQueue: TASK_QUEUE,
      signal: signal.signal,
      signalArgs: [signal.payload],
      staticSummary: signal.summary,
      ...startOptions(signal, now(), closingSoonMs),
    });
  }
}

const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;

/** Every other signal would fail as well. */
function isOutage(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!isGrpcServiceError(cause)) return false;
  return cause.code === UNAVAILABLE || cause.code === DEADLINE_EXCEEDED;
}
