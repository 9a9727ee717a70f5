import type { Tx } from '../db/connect';
import type { WebhookEndpoint } from '../db/schema';
import { enqueueSignals } from '../db/signal';
import { wakeEndpoints } from '../db/webhookEndpoint';
import { WEBHOOK_SIGNALS, WEBHOOK_WORKFLOW, webhookWorkflowId } from '../workflows/contract';

type EndpointKey = Pick<WebhookEndpoint, 'id' | 'account_id' | 'format'>;

/** Tells those of these endpoints that rest, whose deliveries this transaction has made. Returns the workflows' ids. */
export async function wakeWebhooks(tx: Tx, ids: readonly string[]): Promise<string[]> {
  return tellWebhooks(tx, await wakeEndpoints(tx, ids));
}

/** Starts the endpoints' workflows, or tells them to look now. Returns the workflows' ids. */
export async function tellWebhooks(tx: Tx, endpoints: readonly EndpointKey[]): Promise<string[]> {
  const signals = endpoints.map(({ id, account_id, format }) => ({
    workflowId: webhookWorkflowId(id),
    workflowType: WEBHOOK_WORKFLOW,
    summary: `Webhook ${id} in the format ${format}`,
    input: { endpointId: id, accountId: account_id },
    signal: WEBHOOK_SIGNALS.wake,
    payload: {},
  }));
  await enqueueSignals(tx, signals);
  return signals.map(({ workflowId }) => workflowId);
}
