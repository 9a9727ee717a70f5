import type { Db } from '../db/connect';
import { countUnanswered } from '../db/message';
import { MESSAGE_CHANNEL, type Notifications } from '../db/notifications';

/** How often the messages are looked at unasked: notifications can be lost (milliseconds). */
const LOOK_EVERY_MS = 1_000;

/** Waits for the provider's answers to direct messages, so that an API's answer can tell them. */
export class Answers {
  constructor(
    private readonly db: Db,
    private readonly notifications: Pick<Notifications, 'on'>,
    /** How long a client is made to wait (milliseconds). */
    private readonly patienceMs: number,
  ) {}

  /** Until each of these messages was answered, refused, found lost, or is kept for a halted sender; or until patience ends. */
  async wait(messageIds: readonly string[]): Promise<void> {
    let wake: () => void = () => undefined;
    let news = false;
    const forget = messageIds.map((id) =>
      this.notifications.on(MESSAGE_CHANNEL, id, () => {
        news = true;
        wake();
      }),
    );
    const deadline = performance.now() + this.patienceMs;
    try {
      while ((await countUnanswered(this.db, messageIds)) > 0) {
        const left = deadline - performance.now();
        if (left <= 0) return;
        if (!news) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, Math.min(left, LOOK_EVERY_MS));
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
        news = false;
      }
    } finally {
      for (const end of forget) end();
    }
  }
}
