import { setTimeout as sleep } from 'node:timers/promises';
import { appendToInbox, type InboxEntry } from '../db/webhookInbox';
import type { Db } from '../db/connect';

/** A commit costs the same for one body and for many: fewer than these wait this long for company (milliseconds). */
const WORTHWHILE = 16;
const GATHER_MS = 3;
/** Inserts at once: bodies go on being read while one waits for the disk. */
const WRITERS = 2;

/**
 * Appends provider webhooks in multi-row inserts: while one insert runs, the next ones queue up, so the cost per
 * webhook falls as the rate rises. `append` resolves when the body is on disk: only then may the hook answer 200.
 */
export class WebhookInbox {
  private queue: { entry: InboxEntry; done: () => void; failed: (error: unknown) => void }[] = [];
  private writers = 0;

  constructor(private readonly db: Db) {}

  append(entry: InboxEntry): Promise<void> {
    return new Promise((done, failed) => {
      this.queue.push({ entry, done, failed });
      const room = this.writers < WRITERS && this.queue.length >= WORTHWHILE;
      if (this.writers === 0 || room) void this.write();
    });
  }

  private async write(): Promise<void> {
    this.writers += 1;
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
    this.writers -= 1;
  }
}
