import {
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  searchAttributes,
  SENDER_SIGNALS,
  type SenderInput,
  type SenderWorkflowState,
} from './contract';
import { sending } from './policies';
import { senderDetails } from './senderDetails';

/**
 * One sender (a WhatsApp business number) and its lane for everything that is not a campaign, as long as the sender
 * exists.
 *
 *   idle         nothing to send; a signal, or the next retry's time, wakes it
 *   sending      one long activity claims direct messages from the database as they come
 *   unreachable  the provider takes no connection: again after 5 s, then twice that, up to 5 min
 *   halted       the provider refuses the number (token, payment, quality …): an operator resumes it; from time to time
 *                one message is tried
 *   gone         the sender was deleted
 *
 * The queue's truth is in the database. While the activity listens nobody signals, so a busy day costs few events.
 */
export async function sender(input: SenderInput): Promise<void> {
  const run = new SenderRun(input);
  run.registerSignals();
  for (;;) {
    run.show();
    await run.untilNeeded();
    await run.send();
    if (run.state.status === 'gone') return run.show();
    if (run.mustRenew()) return run.renew();
  }
}

const UNREACHABLE = { firstMs: 5_000, mostMs: 300_000 };
/** A temporary block ends by itself; a number that is refused for good is not asked all the time. */
const HALTED = { firstMs: 300_000, mostMs: 3_600_000 };
/** Who was due by this clock and not by the database's is asked for again after this long, not at once. */
const CLOCKS_APART_MS = 500;

class SenderRun {
  readonly state: SenderWorkflowState;
  /** An operator resumed the number while the lane ran, perhaps before this workflow heard that it is halted. */
  private resumed = false;

  constructor(private readonly input: SenderInput) {
    this.state = input.state ?? {
      status: 'idle',
      reason: null,
      needed: true,
      nextDueAt: null,
      backOffMs: 0,
      sent: 0,
      failed: 0,
    };
  }

  registerSignals(): void {
    setHandler(defineSignal(SENDER_SIGNALS.work), () => {
      this.state.needed = true;
    });
    setHandler(defineSignal(SENDER_SIGNALS.resume), () => {
      this.state.needed = true;
      this.resumed = true;
      if (this.state.status === 'halted') this.standReady();
    });
  }

  async untilNeeded(): Promise<void> {
    const { status, backOffMs, nextDueAt } = this.state;
    if (status === 'halted') await condition(() => this.state.status !== 'halted', backOffMs);
    else if (status === 'unreachable') await sleep(backOffMs, { summary: 'provider unreachable' });
    else if (nextDueAt === null) await condition(() => this.state.needed);
    else {
      const waitMs = Math.max(nextDueAt - Date.now(), CLOCKS_APART_MS);
      await condition(() => this.state.needed, waitMs);
    }
  }

  async send(): Promise<void> {
    const { state } = this;
    const probe = state.status === 'halted';
    state.needed = false;
    this.resumed = false;
    if (!probe) state.status = 'sending';
    this.show();
    const found = await sending.runLane({ senderId: this.input.senderId, probe });
    state.sent += found.sent;
    state.failed += found.failed;
    state.nextDueAt = found.nextDueAt;
    state.reason = found.reason;
    state.status = found.state === 'busy' ? 'sending' : found.state;
    if (found.state === 'busy') state.needed = true;
    if (found.state === 'unreachable') this.backOff(UNREACHABLE);
    else if (found.state === 'halted' && this.resumed) this.standReady();
    else if (found.state === 'halted') this.backOff(HALTED);
    else state.backOffMs = 0;
  }

  mustRenew(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    return continueAsNewSuggested || historyLength > (this.input.renewAfterEvents ?? Infinity);
  }

  renew(): Promise<never> {
    return continueAsNew<typeof sender>({ ...this.input, state: this.state });
  }

  /** Current details cost no event; the search attributes are written once per run. */
  show(): void {
    setCurrentDetails(senderDetails(this.state));
    const { senderId, accountId } = this.input;
    if (workflowInfo().typedSearchAttributes.get(searchAttributes.senderId) === senderId) return;
    upsertSearchAttributes([
      { key: searchAttributes.senderId, value: senderId },
      { key: searchAttributes.accountId, value: accountId },
    ]);
  }

  /** What was sent for may have been put back: the lane runs again at once. */
  private standReady(): void {
    this.state.status = 'idle';
    this.state.backOffMs = 0;
    this.state.needed = true;
  }

  private backOff({ firstMs, mostMs }: typeof HALTED): void {
    this.state.backOffMs = Math.min(mostMs, Math.max(firstMs, this.state.backOffMs * 2));
  }
}
