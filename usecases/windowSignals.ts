import type { Tx } from '../db/connect';
import type { WindowMove } from '../db/conversation';
import { enqueueSignal } from '../db/signal';
import { WINDOW_SIGNALS, WINDOW_WORKFLOW, windowWorkflowId } from '../workflows/contract';

/** How late the workflow may learn that its window closes later: it asks the database anyway before it closes one. */
const TELL_EVERY_MS = 10 * 60_000;

/**
 * Puts the new deadline of a conversation's window into the outbox. Opening always tells, which starts the workflow;
 * an extension tells when the deadline enters another ten minutes of the clock, so that a thousand messages in a row
 * cost one signal, and nothing has to remember when the last one was sent.
 */
export async function tellWindow(tx: Tx, move: WindowMove): Promise<void> {
  const { closesAt, closedAt } = move;
  if (!move.opened && closedAt !== null && period(closedAt) === period(closesAt)) return;
  await enqueueSignal(tx, {
    workflowId: windowWorkflowId(move.conversationId, move.number),
    workflowType: WINDOW_WORKFLOW,
    summary: `Window ${move.number} of conversation ${move.conversationId}`,
    input: {
      conversationId: move.conversationId,
      number: move.number,
      senderId: move.senderId,
      accountId: move.accountId,
    },
    signal: WINDOW_SIGNALS.customerMessage,
    payload: { closesAt: closesAt.getTime() },
  });
}

function period(at: Date): number {
  return Math.floor(at.getTime() / TELL_EVERY_MS);
}
