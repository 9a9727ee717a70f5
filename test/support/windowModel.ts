import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WindowActivities, WindowArgs } from '../../activities/window';
import type { WindowFound } from '../../workflows/contract';

/** What the database is to the workflows of one conversation's windows, in memory. Times are the server's. */
export class WindowModel {
  number = 1;
  open = true;
  /** How far the database's clock is behind the workflow's. */
  behindMs = 0;
  readonly calls: { name: keyof WindowActivities; number: number; at: number }[] = [];
  /** When what was carried out, by the server's time. */
  readonly done: { name: keyof WindowActivities; number: number; at: number }[] = [];

  constructor(public closesAt: number) {}

  countOf(name: keyof WindowActivities): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  doneAt(name: keyof WindowActivities): number[] {
    return this.done.filter((entry) => entry.name === name).map(({ at }) => at);
  }

  ask(
    name: keyof WindowActivities,
    { number, closingSoonMs = 0 }: { number: number; closingSoonMs?: number },
    now: number,
  ): WindowFound {
    this.calls.push({ name, number, at: now });
    if (number !== this.number || !this.open) return { outcome: 'gone' };
    if (now - this.behindMs < this.closesAt - closingSoonMs)
      return { outcome: 'moved', closesAt: this.closesAt };
    if (name === 'closeWindow') this.open = false;
    this.done.push({ name, number, at: now });
    return { outcome: 'done', closesAt: this.closesAt };
  }
}

/** Stub activities over models, found by conversation id. */
export function windowModelActivities(
  models: ReadonlyMap<string, WindowModel>,
  env: TestWorkflowEnvironment,
): WindowActivities {
  const ask = async (
    name: keyof WindowActivities,
    window: WindowArgs & { closingSoonMs?: number },
  ) => {
    const model = models.get(window.conversationId);
    if (!model) throw new Error(`No model of conversation ${window.conversationId}`);
    return model.ask(name, window, await env.currentTimeMs());
  };
  return {
    windowClosingSoon: (window) => ask('windowClosingSoon', window),
    closeWindow: (window) => ask('closeWindow', window),
  };
}
