import { emptyProgress } from '../domain/recipient';
import { activeCampaigns } from '../db/campaign';
import type { Db } from '../db/connect';
import { newestPlaces } from '../db/event';
import { EVENT_CHANNEL, type Notifications } from '../db/notifications';
import { progressOf } from '../db/recipient';
import { Listener } from './listener';

export interface LiveOptions {
  /** How often campaigns' progress is read, and events are looked for unasked (milliseconds). */
  everyMs?: number;
  /** What to do with an error; the next look is a new try. */
  onError?: (error: unknown) => void;
}

const EVERY_MS = 1_000;
/** Statuses go on coming after a campaign's last message: so long its progress is still told. */
const AFTERMATH_MS = 3_600_000;

/**
 * Lets listeners follow what happens to their accounts. Each reads its events from the table at its own pace, from the
 * place where it was; here they are only told that there is something. One look a second serves all listeners of the
 * process, and nobody looks while nobody listens.
 */
export class LiveEvents {
  private readonly feeds = new Map<string, Feed>();
  private readonly everyMs: number;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly db: Db,
    private readonly notifications: Pick<Notifications, 'on'>,
    private readonly options: LiveOptions = {},
  ) {
    this.everyMs = options.everyMs ?? EVERY_MS;
  }

  /** `after`: the place of the last event that the listener knows; null: what happens from now on. */
  async listen(accountId: string, after: number | null): Promise<Listener> {
    const start = after ?? (await newestPlaces(this.db, [accountId])).get(accountId) ?? 0;
    const feed = this.feedOf(accountId);
    const listener = new Listener(this.db, accountId, start, () => this.leave(accountId, listener));
    feed.listeners.add(listener);
    if (this.closed) listener.end();
    this.timer ??= setTimeout(() => void this.look(), 0);
    return listener;
  }

  /** Ends all listeners, and those that come after. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const { listeners } of this.feeds.values()) {
      for (const listener of listeners) listener.end();
    }
  }

  private feedOf(accountId: string): Feed {
    const known = this.feeds.get(accountId);
    if (known) return known;
    const listeners = new Set<Listener>();
    const wake = () => {
      for (const listener of listeners) listener.wake();
    };
    const ignore = this.notifications.on(EVENT_CHANNEL, accountId, wake);
    const feed = { listeners, ignore };
    this.feeds.set(accountId, feed);
    return feed;
  }

  private leave(accountId: string, listener: Listener): void {
    const feed = this.feeds.get(accountId);
    feed?.listeners.delete(listener);
    if (!feed || feed.listeners.size > 0) return;
    feed.ignore();
    this.feeds.delete(accountId);
  }

  private async look(): Promise<void> {
    try {
      await this.tellEvents();
      await this.tellProgress();
    } catch (error) {
      this.options.onError?.(error);
    }
    const goOn = !this.closed && this.feeds.size > 0;
    this.timer = goOn ? setTimeout(() => void this.look(), this.everyMs) : undefined;
  }

  private async tellEvents(): Promise<void> {
    const places = await newestPlaces(this.db, [...this.feeds.keys()]);
    for (const [accountId, place] of places) {
      for (const listener of this.feeds.get(accountId)?.listeners ?? []) {
        if (place > listener.place) listener.wake();
      }
    }
  }

  private async tellProgress(): Promise<void> {
    const since = new Date(Date.now() - AFTERMATH_MS);
    const campaigns = await activeCampaigns(this.db, [...this.feeds.keys()], since);
    const progress = await progressOf(
      this.db,
      campaigns.map(({ id }) => id),
    );
    for (const { id, account_id, status, status_reason: reason } of campaigns) {
      const counts = progress.get(id) ?? emptyProgress();
      for (const listener of this.feeds.get(account_id)?.listeners ?? []) {
        listener.tell({ campaignId: id, status, reason, progress: counts });
      }
    }
  }
}

interface Feed {
  listeners: Set<Listener>;
  ignore: () => void;
}
