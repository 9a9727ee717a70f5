import { Context } from '@temporalio/activity';
import type { Clock, Meter, SecretBox } from '../domain/ports';
import type { Db, Tx } from '../db/connect';
import type { OutboundClient } from '../outbound/client';
import type { WebhookFound } from '../workflows/contract';
import { underHeartbeats } from './attempt';
import { EndpointLook } from './endpointLook';

export interface WebhookDeps {
  db: Db;
  clock: Clock;
  secrets: SecretBox;
  outbound: OutboundClient;
  meter?: Meter;
  /** Tells those of these endpoints that rest, whose deliveries this transaction has made. */
  wake: (tx: Tx, endpointIds: readonly string[]) => Promise<unknown>;
  settings: {
    /** An endpoint that has not answered after this long will not (milliseconds). */
    timeoutMs: number;
    /** After a delivery further ones are waited for this long (milliseconds). */
    lingerMs: number;
  };
}

/** The activity that calls customers' endpoints; each look at one endpoint at a time. */
export function createWebhookActivities(deps: WebhookDeps) {
  return {
    /** Delivers what is due to one endpoint, for ten seconds or so, and says when to look again. */
    async deliverWebhooks({ endpointId }: { endpointId: string }): Promise<WebhookFound> {
      const look = new EndpointLook(deps, endpointId, Context.current().cancellationSignal);
      return underHeartbeats(
        () => look.run(),
        () => look.counts,
      );
    },
  };
}

export type WebhookActivities = ReturnType<typeof createWebhookActivities>;
