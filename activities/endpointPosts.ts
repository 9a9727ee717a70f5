import type { EventDetail } from '../domain/event';
import { DOWN_AFTER, jittered, judgeAnswer } from '../domain/webhook';
import { eventDetails } from '../db/eventDetail';
import type { WebhookEndpoint } from '../db/schema';
import type { Attempted, DueDelivery } from '../db/webhookDelivery';
import { isEndpointChanged } from '../db/webhookEndpoint';
import type { OutboundResult } from '../outbound/client';
import type { WebhookFormat } from '../outbound/format';
import { formatOf } from '../outbound/formats/registry';
import { parseHeaders } from '../wire/headers';
import type { WebhookDeps } from './deps';

/** POSTs under way to one endpoint. */
const CONCURRENT = 8;
/** Longest wait that an endpoint may ask for (milliseconds). */
const LONGEST_RETRY_AFTER_MS = 3_600_000;
const ERROR_MAX = 500;

/**
 * The POSTs of one chunk to one endpoint. What is told about one message, or one conversation without a message, goes
 * one after the other, so that "read" does not overtake "delivered"; a few of them go side by side.
 */
export class EndpointPosts {
  /** Attempts in a row that found the endpoint down; beyond `DOWN_AFTER` nothing more is begun. */
  failures: number;
  private readonly format: WebhookFormat;
  private readonly secret: string;
  private readonly ownHeaders: Record<string, string>;
  private readonly attempts: Attempted[] = [];
  private begun = 0;
  private asking: Promise<boolean> | null = null;

  constructor(
    private readonly deps: WebhookDeps,
    private readonly endpoint: WebhookEndpoint,
    private readonly mustStop: () => boolean,
  ) {
    this.failures = endpoint.failures;
    this.format = formatOf(endpoint.format);
    this.secret = deps.secrets.open(endpoint.sealed_secret);
    const { sealed_headers: headers } = endpoint;
    this.ownHeaders = headers === null ? {} : parseHeaders(deps.secrets.open(headers));
  }

  /** What became of those that were attempted; the others stay as they are; so do all once the endpoint is changed. */
  async attempt(due: readonly DueDelivery[]): Promise<Attempted[]> {
    const details = await eventDetails(
      this.deps.db,
      due.map(({ eventId }) => eventId),
    );
    const queues = [...groupBySubject(due, details).values()];
    const worker = async () => {
      for (let queue = queues.shift(); queue; queue = queues.shift()) {
        for (const delivery of queue) {
          if ((await this.isChanged()) || this.isOver()) return;
          await this.post(delivery, details.get(delivery.eventId));
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, worker));
    return this.attempts;
  }

  /**
   * Whoever has deleted, disabled or moved an endpoint believes that nothing more goes where it was. Posts that are
   * about to begin at the same time ask once.
   */
  private isChanged(): Promise<boolean> {
    const { id, updated_at } = this.endpoint;
    this.asking ??= isEndpointChanged(this.deps.db, id, updated_at).finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  /** One attempt is always made: an endpoint that is down is tried with it. */
  private isOver(): boolean {
    if (this.begun === 0) return false;
    return this.failures >= DOWN_AFTER || this.mustStop();
  }

  private async post(delivery: DueDelivery, event: EventDetail | undefined): Promise<void> {
    this.begun += 1;
    if (!event) return this.giveUp(delivery);
    const result = await this.send(event, delivery.attempts + 1);
    const verdict = judgeAnswer(
      result.kind === 'answered' ? result.status : null,
      this.format.takenBy,
    );
    this.failures = verdict === 'down' ? this.failures + 1 : 0;
    if (verdict === 'taken') this.settle(delivery, { status: 'delivered' }, result);
    else this.settle(delivery, this.again(delivery, result), result);
  }

  private send(event: EventDetail, attempt: number): Promise<OutboundResult> {
    const rendered = this.format.render(event);
    const body = this.format.print?.(rendered) ?? JSON.stringify(rendered);
    const signature = this.format.headers({
      secret: this.secret,
      body,
      at: this.deps.clock.now().toJSDate(),
      attempt,
      eventId: event.id,
      event: this.format.nameOf(event.kind),
    });
    return this.deps.outbound.request({
      method: 'POST',
      url: this.endpoint.url,
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'Casement/1',
        ...this.ownHeaders,
        ...signature,
      },
      body,
      timeoutMs: Math.min(this.deps.settings.timeoutMs, this.format.timeoutMs ?? Infinity),
    });
  }

  /** The last attempt is made when the delivery expires, not some hours before. */
  private again({ attempts, expiresAt }: DueDelivery, result: OutboundResult): Again {
    const now = this.deps.clock.now();
    const delayMs = this.format.delayAfter(attempts + 1);
    if (delayMs === null || now.toJSDate() >= expiresAt) return { status: 'failed' };
    const asked = result.kind === 'answered' ? (result.retryAfterMs ?? 0) : 0;
    const waitMs = Math.max(
      jittered(delayMs, Math.random),
      Math.min(asked, LONGEST_RETRY_AFTER_MS),
    );
    const nextAttemptAt = now.plus(waitMs).toJSDate();
    return {
      status: 'pending',
      nextAttemptAt: nextAttemptAt < expiresAt ? nextAttemptAt : expiresAt,
    };
  }

  private settle({ id }: DueDelivery, again: Again, result: OutboundResult): void {
    const answer = result.kind === 'answered' ? result.status : null;
    const problem = result.kind === 'answered' ? `HTTP ${result.status}` : result.detail;
    this.attempts.push({
      id,
      status: again.status,
      answer,
      error: again.status === 'delivered' ? null : problem.slice(0, ERROR_MAX),
      nextAttemptAt: again.nextAttemptAt ?? null,
    });
  }

  private giveUp({ id }: DueDelivery): void {
    const error = 'The event is forgotten.';
    this.attempts.push({ id, status: 'failed', answer: null, error, nextAttemptAt: null });
  }
}

type Again = Pick<Attempted, 'status'> & { nextAttemptAt?: Date };

function groupBySubject(
  due: readonly DueDelivery[],
  details: ReadonlyMap<string, EventDetail>,
): Map<string, DueDelivery[]> {
  const queues = new Map<string, DueDelivery[]>();
  for (const delivery of due) {
    const subject = subjectOf(delivery, details.get(delivery.eventId));
    const queue = queues.get(subject) ?? [];
    queues.set(subject, queue);
    queue.push(delivery);
  }
  return queues;
}

/** A conversation's messages stay in order as well: what belongs to one is one subject. */
function subjectOf({ eventId }: DueDelivery, event: EventDetail | undefined): string {
  return event?.conversationId ?? event?.message?.id ?? event?.campaignId ?? eventId;
}
