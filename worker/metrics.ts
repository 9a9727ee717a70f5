import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import type { DeliveryEvent, Meter, WindowEvent } from '../domain/ports';

const WINDOW_EVENTS: readonly WindowEvent[] = ['opened', 'extended', 'closing_soon', 'closed'];
const DELIVERY_EVENTS: readonly DeliveryEvent[] = ['delivered', 'retried', 'failed', 'parked'];

export interface WorkerMetrics {
  meter: Meter;
  registry: Registry;
}

/** The worker's metrics. Counts begin with the process, each at 0, so that a rate is right from the first event on. */
export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const windows = new Counter({
    name: 'casement_window_events_total',
    help: 'Customer service windows that opened, were extended, came close to their end, closed.',
    labelNames: ['event'],
    registers,
  });
  const deliveries = new Counter({
    name: 'casement_webhook_deliveries_total',
    help: "Deliveries to customers' webhooks: taken, put off, given up, given up unattempted.",
    labelNames: ['event'],
    registers,
  });
  for (const event of WINDOW_EVENTS) windows.inc({ event }, 0);
  for (const event of DELIVERY_EVENTS) deliveries.inc({ event }, 0);
  const meter: Meter = {
    windows: (event, count) => windows.inc({ event }, count),
    deliveries: (event, count) => deliveries.inc({ event }, count),
  };
  return { meter, registry };
}
