import type { CampaignStatus } from '../domain/campaign';
import type { Progress } from '../domain/recipient';
import type { Db } from '../db/connect';
import { readEvents, type AccountEvent } from '../db/event';

/** How far a campaign has come; a newer one makes the older ones worthless. */
export interface CampaignProgress {
  campaignId: string;
  status: CampaignStatus;
  reason: string | null;
  progress: Progress;
}

/** Events that a listener reads at once. */
const PAGE = 200;

/** One reader of one account's events. */
export class Listener {
  isOver = false;
  private news = true;
  private resolve: () => void = () => undefined;
  /** What this listener was told of campaigns, as text, and what it has not taken yet. */
  private readonly told = new Map<string, string>();
  private readonly untaken = new Map<string, CampaignProgress>();

  constructor(
    private readonly db: Db,
    private readonly accountId: string,
    public place: number,
    private readonly leave: () => void,
  ) {}

  /** The next events; empty when there are none yet. */
  async read(): Promise<AccountEvent[]> {
    this.news = false;
    const events = await readEvents(this.db, this.accountId, this.place, PAGE);
    this.place = events.at(-1)?.seq ?? this.place;
    if (events.length === PAGE) this.news = true;
    return events;
  }

  /** Campaigns whose progress has changed since this was asked last. */
  takeProgress(): CampaignProgress[] {
    const news = [...this.untaken.values()];
    this.untaken.clear();
    return news;
  }

  /** Whether there is something to read or to take. */
  get hasNews(): boolean {
    return this.news || this.untaken.size > 0;
  }

  /** Until there is news, the listener is over, or the time is up. */
  async wait(ms: number): Promise<void> {
    if (this.hasNews || this.isOver) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    this.news = true;
    this.resolve();
  }

  /** A slow listener gets the newest progress of each campaign, however many it has missed. */
  tell(progress: CampaignProgress): void {
    const text = JSON.stringify(progress);
    if (this.told.get(progress.campaignId) === text) return;
    this.told.set(progress.campaignId, text);
    this.untaken.set(progress.campaignId, progress);
    this.resolve();
  }

  end(): void {
    this.isOver = true;
    this.resolve();
  }

  /** The reader has gone. */
  close(): void {
    this.end();
    this.leave();
  }
}
