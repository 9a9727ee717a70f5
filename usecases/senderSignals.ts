import type { Tx } from '../db/connect';
import { isLaneAwake } from '../db/lane';
import type { Sender } from '../db/schema';
import { enqueueSignal } from '../db/signal';
import { SENDER_SIGNALS, SENDER_WORKFLOW, senderWorkflowId } from '../workflows/contract';

type SenderKey = Pick<Sender, 'id' | 'account_id'>;

/** Starts the sender's workflow, or tells it something. */
export function tellSender(
  tx: Tx,
  sender: SenderKey,
  signal: keyof typeof SENDER_SIGNALS,
): Promise<void> {
  return enqueueSignal(tx, {
    workflowId: senderWorkflowId(sender.id),
    workflowType: SENDER_WORKFLOW,
    summary: `Sender ${sender.id}`,
    input: { senderId: sender.id, accountId: sender.account_id },
    signal: SENDER_SIGNALS[signal],
    payload: {},
  });
}

/** After a message was queued, as the transaction's last step: tells the workflow, unless its lane listens anyway. */
export async function wakeLane(tx: Tx, sender: SenderKey): Promise<void> {
  if (!(await isLaneAwake(tx, sender.id))) await tellSender(tx, sender, 'work');
}
