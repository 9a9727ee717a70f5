import type { Tx } from '../db/connect';
import type { WindowMove } from '../db/conversation';
import { enqueueSignals } from '../db/signal';
import { WINDOW_SIGNALS, WINDOW_WORKFLOW, windowWorkflowId } from '../workflows/contract';

/** How late the workflow may learn that its window closes later: it asks the database anyway before it closes one. */
const TELL_EVERY_MS = 10 * 60_000;

/**
 * Puts the new deadlines of conversations' windows into the outbox. Opening always tells, which starts the workflow; an
 * extension tells when the deadline enters another ten minutes of the clock, so that a thousand messages in a row cost
 * one signal, and nothing has to remember when the last one was sent. Each window once.
 */
export function tellWindows(tx: Tx, moves: readonly WindowMove[]): Promise<void> {
  return enqueueSignals(tx, moves.filter(isWorthTelling).map(signalOf));
}

export function tellWindow(tx: Tx, move: WindowMove): Promise<void> {
  return tellWindows(tx, [move]);
}

function isWorthTelling({ opened, closesAt, closedAt }: WindowMove): boolean {
  return opened || closedAt === null || period(closedAt) !== period(closesAt);
}

function signalOf({ conversationId, number, senderId, accountId, closesAt }: WindowMove) {
  return {
    workflowId: windowWorkflowId(conversationId, number),
    workflowType: WINDOW_WORKFLOW,
    summary: `Window ${number} of conversation ${conversationId}`,
    input: { conversationId, number, senderId, accountId },
    signal: WINDOW_SIGNALS.customerMessage,
    payload: { closesAt: closesAt.getTime() },
  };
}

function period(at: Date): number {
  return Math.floor(at.getTime() / TELL_EVERY_MS);
}
