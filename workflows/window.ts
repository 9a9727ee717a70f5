import {
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { CLOSING_SOON_MS, WINDOW_MS } from '../domain/conversation';
import {
  searchAttributes,
  WINDOW_SIGNALS,
  type CustomerMessageSignal,
  type WindowFound,
  type WindowInput,
  type WindowState,
  type WindowWorkflowState,
} from './contract';
import { guarded } from './policies';
import { utc, windowDetails } from './windowDetails';

/**
 * One customer service window of one conversation, from the message that opened it until it is closed.
 *
 *   open          until so long before the deadline as is configured
 *   closing_soon  until the deadline; recorded once per window
 *   closed        the conversation's status has moved on; a later message opens the next window, a new workflow
 *
 *   open → closing_soon → closed, and closing_soon → open when the customer writes again
 *
 * The deadline's truth is in the database. Timers run to the deadline that was known when they started and are left
 * alone: on waking, a guarded activity acts if it is due, or tells the new deadline. A signal only refreshes what
 * operators see and saves the asking, so a lost one costs nothing and a chatty day costs few events.
 */
export async function window(input: WindowInput): Promise<WindowState> {
  const run = new WindowRun(input);
  run.registerSignals();
  run.show();
  if (await run.reachClosingSoon()) await run.reachClosed();
  run.show();
  return run.state;
}

/** Windows that one campaign's replies opened expire together: each closes up to this much later. */
const JITTER_MS = 30_000;
/** A deadline that has passed by this clock and not by the database's is asked for again after this long. */
const CLOCKS_APART_MS = 2_000;
/** The search attribute costs an event: between wakings a deadline is worth one from this much later on. */
const WORTH_AN_EVENT_MS = 3_600_000;

class WindowRun {
  state: WindowState = 'open';
  private readonly known: WindowWorkflowState;
  private readonly closingSoonMs: number;
  /** Math.random is the workflow's own here: a replay draws the same. */
  private readonly jitterMs: number;

  constructor(private readonly input: WindowInput) {
    const { timing } = input;
    this.closingSoonMs = timing?.closingSoonMs ?? CLOSING_SOON_MS;
    this.jitterMs = Math.floor(Math.random() * (timing?.jitterMs ?? JITTER_MS));
    this.known = input.state ?? { closesAt: null, saidClosingSoon: false, lastSignalAt: null };
  }

  registerSignals(): void {
    setHandler(
      defineSignal<[CustomerMessageSignal]>(WINDOW_SIGNALS.customerMessage),
      ({ closesAt }) => {
        if (closesAt <= (this.known.closesAt ?? 0)) return;
        this.known.closesAt = closesAt;
        this.known.lastSignalAt = closesAt - WINDOW_MS;
        // The timer sleeps on, so nobody but this handler could show it.
        this.show(WORTH_AN_EVENT_MS);
      },
    );
  }

  /** False when the window is gone before it came to that. */
  async reachClosingSoon(): Promise<boolean> {
    if (this.known.saidClosingSoon) return true;
    const found = await this.reach(
      'closing soon',
      () => (this.known.closesAt ?? 0) - this.closingSoonMs,
      (window) => guarded.windowClosingSoon({ ...window, closingSoonMs: this.closingSoonMs }),
    );
    this.known.saidClosingSoon = true;
    return found.outcome === 'done';
  }

  async reachClosed(): Promise<void> {
    await this.reach(
      'window closes',
      () => (this.known.closesAt ?? 0) + this.jitterMs,
      guarded.closeWindow,
    );
    this.state = 'closed';
  }

  /** Sleeps until the point, and on while it moves, until the activity acts or finds the window gone. */
  private async reach(
    name: string,
    point: () => number,
    act: (window: { conversationId: string; number: number }) => Promise<WindowFound>,
  ): Promise<WindowFound> {
    const { conversationId, number } = this.input;
    let notBefore = 0;
    for (;;) {
      const waitMs = Math.max(point(), notBefore) - Date.now();
      if (waitMs > 0) {
        this.show();
        await this.sleepUntil(name, waitMs);
        if (point() > Date.now()) continue;
      }
      const found = await act({ conversationId, number });
      if (found.outcome === 'gone') this.state = 'closed';
      else this.known.closesAt = found.closesAt;
      if (found.outcome !== 'moved') return found;
      notBefore = Date.now() + CLOCKS_APART_MS;
    }
  }

  private async sleepUntil(name: string, waitMs: number): Promise<void> {
    await this.renewIfLong();
    await sleep(waitMs, { summary: `${name} ${utc(Date.now() + waitMs)}` });
  }

  /** A customer who writes every day keeps a window open for ever. */
  private async renewIfLong(): Promise<void> {
    const info = workflowInfo();
    const limit = this.input.renewAfterEvents ?? Infinity;
    if (!info.continueAsNewSuggested && info.historyLength <= limit) return;
    await continueAsNew<typeof window>({ ...this.input, state: this.known });
  }

  /** Current details cost no event; search attributes cost one and are written when they tell something new. */
  show(worthMs = 1): void {
    const { closesAt } = this.known;
    if (this.state !== 'closed') {
      const soonAt = (closesAt ?? Infinity) - this.closingSoonMs;
      this.state = soonAt <= Date.now() ? 'closing_soon' : 'open';
    }
    setCurrentDetails(windowDetails(this.state, this.known));
    if (closesAt === null) return;
    const { typedSearchAttributes: shown } = workflowInfo();
    const shownAt = shown.get(searchAttributes.windowClosesAt)?.getTime() ?? 0;
    const { senderId, accountId } = this.input;
    if (shown.get(searchAttributes.senderId) === senderId && closesAt - shownAt < worthMs) return;
    upsertSearchAttributes([
      { key: searchAttributes.windowClosesAt, value: new Date(closesAt) },
      { key: searchAttributes.senderId, value: senderId },
      { key: searchAttributes.accountId, value: accountId },
    ]);
  }
}
