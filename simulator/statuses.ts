import type { AcceptedMessage, MessageStatus } from './ledger';
import type { World } from './world';

/** Multiples of these fill [0, 1) evenly: shares of messages come out exact, without chance. */
const GOLDEN = 0.618033988749895;
const PLASTIC = 0.7548776662466927;

/** Milliseconds from reading to playing. */
const PLAYED_AFTER = 50;

const isWithin = (share: number, sequence: number, step: number) => (sequence * step) % 1 < share;

/**
 * Plans what a message will report, from now on. Reactions never go beyond `sent`, `delivered` is skipped where the chat
 * was open anyway, and voice messages are played after they were read.
 */
export function scheduleStatuses(
  world: World,
  message: AcceptedMessage,
  failure: number | null,
): void {
  const { faults } = world;
  const later = (delayMs: number, status: MessageStatus, code: number | null = null) => {
    const spread = faults.webhook.reorder ? Math.random() * 1000 : 0;
    world.timeline.schedule(faults.webhook.delay_ms + delayMs + spread, () =>
      world.report(message, status, code),
    );
  };

  if (failure !== null) {
    later(faults.sent_ms, 'failed', failure);
    return;
  }
  later(faults.sent_ms, 'sent');
  if (message.type === 'reaction') return;
  if (!isWithin(faults.delivered_rate, message.sequence, GOLDEN)) return;
  const read = isWithin(faults.read_rate, message.sequence, PLASTIC);
  message.skipsDelivered =
    read && world.occurrences.hit('skip_delivered', faults.skip_delivered_every);
  if (!message.skipsDelivered) later(faults.delivered_ms, 'delivered');
  if (!read) return;
  later(faults.read_ms, 'read');
  if (message.type === 'voice') later(faults.read_ms + PLAYED_AFTER, 'played');
}
