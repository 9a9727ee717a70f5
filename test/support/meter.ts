import type { DeliveryEvent, Meter, WindowEvent } from '../../domain/ports';

/** Adds up what is counted; what happened never is absent. */
export class Tally implements Meter {
  readonly counts: Partial<Record<WindowEvent | DeliveryEvent, number>> = {};

  windows(event: WindowEvent, count: number): void {
    this.add(event, count);
  }

  deliveries(event: DeliveryEvent, count: number): void {
    this.add(event, count);
  }

  private add(event: WindowEvent | DeliveryEvent, count: number): void {
    if (count > 0) this.counts[event] = (this.counts[event] ?? 0) + count;
  }
}
