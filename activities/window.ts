import type { WindowEvent } from '../domain/ports';
import { closeDueWindow, recordClosingSoon, windowTruth } from '../db/window';
import type { WindowFound } from '../workflows/contract';
import type { ActivityDeps } from './deps';

export interface WindowArgs {
  conversationId: string;
  number: number;
}

interface ClosingSoonArgs extends WindowArgs {
  closingSoonMs: number;
}

type WindowDeps = Pick<ActivityDeps, 'db' | 'clock' | 'meter'>;

/** What a window's workflow can ask for. Each acts if the database says that it is due, and tells what it found. */
export function createWindowActivities({ db, clock, meter }: WindowDeps) {
  return {
    /** Records once per window that it is closing soon: in `closingSoonMs` at the latest. */
    async windowClosingSoon({ closingSoonMs, ...window }: ClosingSoonArgs): Promise<WindowFound> {
      const by = clock.now().plus(closingSoonMs).toJSDate();
      const closesAt = await recordClosingSoon(db, window, by);
      return closesAt ? done('closing_soon', closesAt) : present(window);
    },

    /** Closes the window and moves its conversation's status. */
    async closeWindow(window: WindowArgs): Promise<WindowFound> {
      const now = clock.now().toJSDate();
      const closedAt = await closeDueWindow(db, window, now);
      return closedAt ? done('closed', closedAt) : present(window);
    },
  };

  /** An attempt that is repeated because its answer was lost counts that its window is closing soon once more. */
  function done(event: WindowEvent, closesAt: Date): WindowFound {
    meter?.windows(event, 1);
    return { outcome: 'done', closesAt: closesAt.getTime() };
  }

  /** A window that is closed already (the sweeper, or an earlier attempt whose answer was lost) is gone as well. */
  async function present({ conversationId, number }: WindowArgs): Promise<WindowFound> {
    const truth = await windowTruth(db, conversationId);
    if (!truth?.window_open || !truth.window_closes_at) return { outcome: 'gone' };
    if (truth.window_number !== number) return { outcome: 'gone' };
    return { outcome: 'moved', closesAt: truth.window_closes_at.getTime() };
  }
}

export type WindowActivities = ReturnType<typeof createWindowActivities>;
