import { setTimeout as sleep } from 'node:timers/promises';
import { appendToInbox, type InboxEntry } from '../db/webhookInbox';
import type { Db } from '../db/connect';

/** A commit costs the same for one body and for many: fewer than these wait this long for company (milliseconds). */
const WORTHWHILE = 16;
const GATHER_MS = 3;

/**
 * Appends provider webhooks in multi-row inserts: while one insert runs, the next ones queue up, so the cost per
 * webhook falls as the rate rises. `append` resolves when the body is on disk: only then may the hook answer 200.
 */
export class WebhookInbox {
  private queue: { entry: InboxEntry; done: () => void; failed: (error: unknown) => void }[] = [];
  private writing = false;

  constructor(private readonly db: Db) {}

  append(entry: InboxEntry): Promise<void> {
    return new Promise((done, failed) => {
      this.queue.push({ entry, done, failed });
      void this.write();
    });
  }

  private async write(): Promise<void> {
    if (this.writing) return;
    this.writing = true;
    while (this.queue.length > 0) {
      if (this.queue.length < WORTHWHILE) await sleep(GATHER_MS);
      const batch = this.queue;
      this.queue = [];
      try {
        await appendToInbox(
          this.db,
          batch.map(({ entry }) => entry),
        );
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.writing = false;
  }
}
