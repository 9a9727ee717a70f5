import { Context } from '@temporalio/activity';
import type { WebhookFound } from '../workflows/contract';
import { underHeartbeats } from './attempt';
import type { WebhookDeps } from './deps';
import { EndpointLook } from './endpointLook';

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
