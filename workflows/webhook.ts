import {
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  searchAttributes,
  WEBHOOK_SIGNALS,
  type WebhookFound,
  type WebhookInput,
  type WebhookWorkflowState,
} from './contract';
import { delivering, deliveringSlowly } from './policies';
import { webhookDetails } from './webhookDetails';

/**
 * One customer's webhook endpoint, from its creation until it is deleted.
 *
 *   active    delivers what is due in batches, then rests until something new comes or a retry is due
 *   down      leaves the endpoint alone; then tries with one delivery, which takes the slow queue
 *   disabled  waits for the endpoint to be enabled
 *   gone      deleted: the end
 *
 *   active ⇄ down, any ⇄ disabled, any → gone
 *
 * The database owns deliveries, their times and whether the endpoint is down; an activity does one batch and says when to
 * look again. So a signal carries nothing, and a lost or repeated one costs one look. The relay signals only a workflow
 * that rests: a busy day costs six events a batch, not one a delivery.
 */
export async function webhook(input: WebhookInput): Promise<void> {
  const run = new WebhookRun(input);
  run.registerSignals();
  for (;;) {
    const found = await run.look();
    if (found.state === 'gone') return;
    await run.untilNext(found);
    if (run.mustRenew()) await run.renew();
  }
}

/** Who was due by this clock and not by the database's is asked for again after this long, not at once. */
const CLOCKS_APART_MS = 500;

class WebhookRun {
  private readonly state: WebhookWorkflowState;
  private woken = false;

  constructor(private readonly input: WebhookInput) {
    this.state = input.state ?? { found: null, delivered: 0 };
    const { accountId } = input;
    if (input.state === undefined) {
      upsertSearchAttributes([{ key: searchAttributes.accountId, value: accountId }]);
    }
    this.show();
  }

  registerSignals(): void {
    setHandler(defineSignal(WEBHOOK_SIGNALS.wake), () => {
      this.woken = true;
    });
  }

  /** One activity: delivers a batch, if anything is due. */
  async look(): Promise<WebhookFound> {
    this.woken = false;
    const { endpointId } = this.input;
    const queue = this.state.found?.slow ? deliveringSlowly : delivering;
    const found = await queue.deliverWebhooks({ endpointId });
    this.state.found = found;
    this.state.delivered += found.delivered;
    this.show();
    return found;
  }

  async untilNext({ lookAt }: WebhookFound): Promise<void> {
    const isWoken = () => this.woken;
    if (lookAt === null) await condition(isWoken);
    else if (lookAt > 0) await condition(isWoken, Math.max(lookAt - Date.now(), CLOCKS_APART_MS));
  }

  mustRenew(): boolean {
    const info = workflowInfo();
    const limit = this.input.renewAfterEvents ?? Infinity;
    return info.continueAsNewSuggested || info.historyLength > limit;
  }

  /** The next run looks first, so a signal that came meanwhile is not lost with this one. */
  renew(): Promise<never> {
    return continueAsNew<typeof webhook>({ ...this.input, state: this.state });
  }

  /** Current details cost no event. */
  private show(): void {
    setCurrentDetails(webhookDetails(this.state));
  }
}
