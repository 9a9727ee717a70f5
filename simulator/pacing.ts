import type { Faults } from './faults';
import type { AcceptedMessage } from './ledger';
import type { SimulatedTemplate } from './templates';

interface Pace {
  sent: number;
  held: AcceptedMessage[];
  /** Judged well: nothing more is held. */
  trusted: boolean;
}

/**
 * Messages of templates whose quality nobody knows yet: the first go out, the next wait for a verdict. Kept per template
 * for as long as the fault is set.
 */
export class Pacing {
  private readonly paces = new Map<string, Pace>();

  /** Whether this message must wait, and whether it is the first to. */
  hold(
    { threshold }: NonNullable<Faults['pacing']>,
    template: SimulatedTemplate,
    message: AcceptedMessage,
  ): 'no' | 'first' | 'more' {
    const pace = this.paceOf(template);
    pace.sent += 1;
    if (pace.trusted || pace.sent <= threshold) return 'no';
    pace.held.push(message);
    return pace.held.length === 1 ? 'first' : 'more';
  }

  /** Ends the waiting and answers who waited. A bad verdict starts the count again. */
  decide(template: SimulatedTemplate, good: boolean): AcceptedMessage[] {
    const { held } = this.paceOf(template);
    this.paces.set(template.id, { sent: 0, held: [], trusted: good });
    return held;
  }

  /** Forgets all counts and answers who still waited. */
  clear(): AcceptedMessage[] {
    const waiting = [...this.paces.values()].flatMap(({ held }) => held);
    this.paces.clear();
    return waiting;
  }

  private paceOf({ id }: SimulatedTemplate): Pace {
    let pace = this.paces.get(id);
    if (pace === undefined) {
      pace = { sent: 0, held: [], trusted: false };
      this.paces.set(id, pace);
    }
    return pace;
  }
}
