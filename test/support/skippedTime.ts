import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DateTime } from 'luxon';
import { createWindowActivities, type WindowActivities } from '../../activities/window';
import { createTestDatabase, type TestDatabase } from './database';
import { DatabaseClock } from './databaseClock';
import { WindowStage } from './windowStage';

/** The window workflow with its real activities over a real database; when the server skips time, clocks and `now()` follow. */
export class SkippedTime {
  stage!: WindowStage;
  /** When which conversation's window was closed, by the server's time (milliseconds since the epoch). */
  readonly closedAt = new Map<string, number>();
  private aheadMs = 0;
  readonly clock = { now: () => DateTime.utc().plus(this.aheadMs) };

  private constructor(
    readonly database: TestDatabase,
    private readonly databaseClock: DatabaseClock,
  ) {}

  static async open(): Promise<SkippedTime> {
    const database = await createTestDatabase();
    const time = new SkippedTime(database, await DatabaseClock.install(database.url));
    time.stage = await WindowStage.open((env) => time.activities(env));
    return time;
  }

  async end(): Promise<void> {
    await this.stage.end();
    await this.database.drop();
  }

  /** The server's time, which everybody now has (milliseconds since the epoch). */
  async follow(env: TestWorkflowEnvironment = this.stage.env): Promise<number> {
    const now = await env.currentTimeMs();
    this.aheadMs = now - Date.now();
    await this.databaseClock.runAheadBy(this.aheadMs);
    return now;
  }

  async skip(ms: number): Promise<number> {
    await this.stage.env.sleep(ms);
    return this.follow();
  }

  private activities(env: TestWorkflowEnvironment): WindowActivities {
    const real = createWindowActivities({ db: this.database.db, clock: this.clock });
    return {
      windowClosingSoon: async (window) => {
        await this.follow(env);
        return real.windowClosingSoon(window);
      },
      closeWindow: async (window) => {
        const now = await this.follow(env);
        const found = await real.closeWindow(window);
        if (found.outcome === 'done') this.closedAt.set(window.conversationId, now);
        return found;
      },
    };
  }
}
