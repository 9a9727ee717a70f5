import { setTimeout as sleep } from 'node:timers/promises';
import { DELIVER_FOR_MS } from '../domain/event';
import { DOWN_AFTER, MAIN_PLACE, probeDelay } from '../domain/webhook';
import type { WebhookEndpoint } from '../db/schema';
import {
  backlogOf,
  dueDeliveries,
  lockEndpoint,
  parkExpired,
  recordAttempts,
  type Attempted,
  type Backlog,
  type DueDelivery,
} from '../db/webhookDelivery';
import { copyDeliveries } from '../db/webhookCopy';
import { recordHealth } from '../db/webhookEndpoint';
import type { WebhookFound } from '../workflows/contract';
import { EndpointPosts } from './endpointPosts';
import type { WebhookDeps } from './deps';

/** Deliveries that are attempted before their outcomes are on disk: so many a kill may repeat. */
const CHUNK = 50;
/** Nothing new is begun after this long (milliseconds). */
const BUDGET_MS = 10_000;
/** Whoever takes longer than this for a chunk waits on the slow queue (milliseconds). */
const SLOW_MS = 5_000;
/** How often something new is looked for while lingering (milliseconds). */
const LOOK_EVERY_MS = 500;

/**
 * One look at one endpoint. Deliveries are attempted in the order of their events; what fails is tried again at a time of
 * its own and holds up nobody. An endpoint that is down is left alone, and then tried with a single delivery.
 */
export class EndpointLook {
  readonly counts = { delivered: 0, refused: 0 };
  private readonly startedAt = performance.now();
  private lastDeliveryAt = -Infinity;
  private slow = false;

  constructor(
    private readonly deps: WebhookDeps,
    private readonly endpointId: string,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<WebhookFound> {
    for (;;) {
      const endpoint = await this.find();
      if (!endpoint || endpoint.deleted_at) return this.found('gone', NOTHING, null, null);
      if (!endpoint.enabled) return this.rest();
      if (isAfter(endpoint.retry_at, this.now())) return this.leaveAlone(endpoint);
      if (this.mustReturn()) return this.report(endpoint, await this.backlog(), 0);
      const due = await this.due(endpoint);
      if (due.length > 0) await this.deliver(endpoint, due);
      else if (this.mayLinger()) await this.linger();
      else return this.rest();
    }
  }

  private due({ failures }: WebhookEndpoint): Promise<DueDelivery[]> {
    const isDown = failures >= DOWN_AFTER;
    const which = { limit: isDown ? 1 : CHUNK, leastTriedFirst: isDown };
    return dueDeliveries(this.deps.db, this.endpointId, this.now(), which);
  }

  private async deliver(endpoint: WebhookEndpoint, due: readonly DueDelivery[]): Promise<void> {
    const began = performance.now();
    const posts = new EndpointPosts(this.deps, endpoint, () => this.mustReturn());
    const attempts = await posts.attempt(due);
    this.slow = performance.now() - began > SLOW_MS;
    const delivered = attempts.filter(({ status }) => status === 'delivered').length;
    this.counts.delivered += delivered;
    this.counts.refused += attempts.length - delivered;
    if (delivered > 0) this.lastDeliveryAt = performance.now();
    await this.copy(endpoint, attempts);
    // Those that were under way side by side count as one step towards leaving it alone for longer.
    const failures = Math.min(posts.failures, Math.max(DOWN_AFTER, endpoint.failures + 1));
    await this.record(endpoint, attempts, failures);
    this.count(attempts);
  }

  private count(attempts: readonly Attempted[]): void {
    const { meter } = this.deps;
    const among = (wanted: Attempted['status']) =>
      attempts.filter(({ status }) => status === wanted).length;
    meter?.deliveries('delivered', among('delivered'));
    meter?.deliveries('retried', among('pending'));
    meter?.deliveries('failed', among('failed'));
  }

  /**
   * Before the outcomes are recorded, so that a kill in between repeats and does not lose, and in a transaction of its
   * own: the relay locks endpoints in another order.
   */
  private async copy(endpoint: WebhookEndpoint, attempts: readonly Attempted[]): Promise<void> {
    const taken = attempts.flatMap(({ id, status }) => (status === 'delivered' ? [id] : []));
    if (endpoint.place !== MAIN_PLACE || taken.length === 0) return;
    await this.deps.db.transaction().execute(async (tx) => {
      await this.deps.wake(tx, await copyDeliveries(tx, endpoint, taken, DELIVER_FOR_MS));
    });
  }

  private async record(
    { id, updated_at }: WebhookEndpoint,
    attempts: readonly Attempted[],
    failures: number,
  ): Promise<void> {
    const now = this.deps.clock.now();
    const isDown = failures >= DOWN_AFTER;
    const retryAt = isDown ? now.plus(probeDelay(failures, Math.random)).toJSDate() : null;
    await this.deps.db.transaction().execute(async (tx) => {
      const at = now.toJSDate();
      await recordHealth(tx, id, { failures, retryAt, at, seen: updated_at });
      await recordAttempts(tx, attempts, at);
    });
  }

  /** It stays awake: its workflow looks again by itself, and new events do not change when. */
  private async leaveAlone(endpoint: WebhookEndpoint): Promise<WebhookFound> {
    const parked = await parkExpired(this.deps.db, endpoint.id, this.now());
    this.deps.meter?.deliveries('parked', parked);
    return this.report(endpoint, await this.backlog(), endpoint.retry_at?.getTime() ?? 0);
  }

  /** Falls asleep unless something has become due. The lock orders it against the relay (`wakeEndpoints`). */
  private rest(): Promise<WebhookFound> {
    return this.deps.db.transaction().execute(async (tx) => {
      const endpoint = await lockEndpoint(tx, this.endpointId);
      if (!endpoint || endpoint.deleted_at) return this.found('gone', NOTHING, null, null);
      // A statement of its own: it must see what was committed while it waited for the lock.
      const backlog = await backlogOf(tx, this.endpointId);
      const nextAt = endpoint.enabled ? backlog.nextAt : null;
      if (nextAt && nextAt <= this.now()) return this.report(endpoint, backlog, 0);
      await tx
        .updateTable('webhook_endpoints')
        .set({ awake: false, looked_at: this.now() })
        .where('id', '=', this.endpointId)
        .execute();
      return this.report(endpoint, backlog, nextAt?.getTime() ?? null);
    });
  }

  private report(endpoint: WebhookEndpoint, backlog: Backlog, lookAt: number | null): WebhookFound {
    const { enabled, failures, failing_since } = endpoint;
    const isDown = failures >= DOWN_AFTER;
    this.slow ||= failures > 0;
    const state = !enabled ? 'disabled' : isDown ? 'down' : 'active';
    return this.found(state, backlog, lookAt, isDown ? failing_since : null);
  }

  private found(
    state: WebhookFound['state'],
    { waiting }: Backlog,
    lookAt: number | null,
    downSince: Date | null,
  ): WebhookFound {
    const { slow, counts } = this;
    return { state, slow, ...counts, waiting, lookAt, downSince: downSince?.getTime() ?? null };
  }

  private find(): Promise<WebhookEndpoint | undefined> {
    return this.deps.db
      .selectFrom('webhook_endpoints')
      .selectAll()
      .where('id', '=', this.endpointId)
      .executeTakeFirst();
  }

  private backlog(): Promise<Backlog> {
    return backlogOf(this.deps.db, this.endpointId);
  }

  private mustReturn(): boolean {
    return this.signal.aborted || performance.now() - this.startedAt > BUDGET_MS;
  }

  /** A customer who writes, writes again: waiting here costs no event, being woken costs ten. */
  private mayLinger(): boolean {
    return performance.now() - this.lastDeliveryAt < this.deps.settings.lingerMs;
  }

  private async linger(): Promise<void> {
    await sleep(LOOK_EVERY_MS, undefined, { signal: this.signal }).catch(() => undefined);
  }

  private now(): Date {
    return this.deps.clock.now().toJSDate();
  }
}

const NOTHING: Backlog = { waiting: 0, nextAt: null };

function isAfter(at: Date | null, now: Date): boolean {
  return at !== null && at > now;
}
