import type { DeliveryStatus } from '../domain/message';
import type { AcceptedMessage } from './ledger';
import type { World } from './world';

/** Multiples of these fill [0, 1) evenly: shares of messages come out exact, without chance. */
const GOLDEN = 0.618033988749895;
const PLASTIC = 0.7548776662466927;

const isWithin = (share: number, sequence: number, step: number) => (sequence * step) % 1 < share;

/** Plans what a message will report. Reactions never go beyond `sent`. */
export function scheduleStatuses(
  world: World,
  message: AcceptedMessage,
  failure: number | null,
): void {
  const { faults } = world;
  const base = faults.webhook.delay_ms + (message.held ? (faults.held?.release_ms ?? 0) : 0);
  const later = (delayMs: number, status: DeliveryStatus, code: number | null) => {
    const spread = faults.webhook.reorder ? Math.random() * 1000 : 0;
    world.timeline.schedule(base + delayMs + spread, () => world.report(message, status, code));
  };

  if (failure !== null) {
    later(faults.sent_ms, 'failed', failure);
    return;
  }
  later(faults.sent_ms, 'sent', null);
  if (message.type === 'reaction') return;
  if (!isWithin(faults.delivered_rate, message.sequence, GOLDEN)) return;
  later(faults.delivered_ms, 'delivered', null);
  if (isWithin(faults.read_rate, message.sequence, PLASTIC)) later(faults.read_ms, 'read', null);
}
