import type { Pool } from 'pg';
import { judgeDirect, type Verdict } from '../domain/attempt';
import type { Clock, OutboundMessage, SendOutcome } from '../domain/ports';
import { formatMessageReference } from '../domain/reference';
import { LANE_CHANNEL, type Notifications } from '../db/notifications';
import { claimMessages, countDue, recordMessages, type ClaimedMessage } from '../db/sendQueue';
import { parseContent } from '../wire/content';
import type { MessageQueue, Outcome } from './dispatch';

/** How often the queue is looked at unasked: notifications can be lost, and retries become due (milliseconds). */
const LOOK_EVERY_MS = 1_000;

export interface LaneQueueOptions {
  pool: Pool;
  notifications: Notifications;
  clock: Clock;
  senderId: string;
  lease: string;
  /** Without anything to send, nor on its way, for this long the queue counts as exhausted (milliseconds). */
  lingerMs: number;
}

/** A sender's direct messages, claimed in their order from PostgreSQL. */
export class LaneQueue implements MessageQueue<ClaimedMessage> {
  private wake: () => void = () => undefined;
  private news = false;
  /** Claimed, and not recorded yet: whatever waits behind these in their conversations becomes due with them. */
  private readonly out = new Set<string>();
  private idleSince: number | null = null;
  private readonly forget: () => void;

  constructor(private readonly options: LaneQueueOptions) {
    const { notifications, senderId } = options;
    this.forget = notifications.on(LANE_CHANNEL, senderId, () => {
      this.news = true;
      this.wake();
    });
  }

  get exhausted(): boolean {
    if (this.out.size > 0 || this.idleSince === null) return false;
    return performance.now() - this.idleSince > this.options.lingerMs;
  }

  async due(most: number): Promise<number> {
    this.news = false;
    const due = await countDue(this.options.pool, this.options.senderId, most);
    this.idleSince = due > 0 ? null : (this.idleSince ?? performance.now());
    return due;
  }

  waitForNews(): Promise<void> {
    if (this.news) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(LOOK_EVERY_MS, this.options.lingerMs));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async turn(outcomes: readonly Outcome<ClaimedMessage>[], limit: number) {
    await this.record(outcomes);
    const { pool, senderId, lease } = this.options;
    const turn = await claimMessages(pool, senderId, lease, limit);
    for (const { messageId } of turn.claimed) this.out.add(messageId);
    return turn;
  }

  async record(outcomes: readonly Outcome<ClaimedMessage>[]): Promise<void> {
    const entries = outcomes.map(({ message, verdict }) => ({
      messageId: message.messageId,
      verdict,
    }));
    await recordMessages(this.options.pool, this.options.lease, entries);
    for (const { messageId } of entries) this.out.delete(messageId);
    if (entries.length > 0) this.idleSince = null;
  }

  compose(message: ClaimedMessage): OutboundMessage {
    const { messageId, phone, content, contextWamid, marketing } = message;
    return {
      to: phone,
      reference: formatMessageReference(messageId),
      content: parseContent(content),
      ...(contextWamid !== null && { context: { wamid: contextWamid } }),
      ...(marketing !== null && { marketing }),
    };
  }

  judge(outcome: SendOutcome, message: ClaimedMessage): Verdict {
    return judgeDirect(outcome, message, this.options.clock, Math.random);
  }

  /** Wakes whoever waits, for the end of the work. */
  close(): void {
    this.forget();
    this.wake();
  }
}
