import { freePort } from '../../stack/ports';
import { serveHealth } from '../../worker/health';
import { createWorkerMetrics } from '../../worker/metrics';

const host = '127.0.0.1';

test('Prometheus reads what a worker counted, and 0 of what did not happen yet', async () => {
  const { meter, registry } = createWorkerMetrics();
  const port = await freePort();
  const health = await serveHealth({ getState: () => 'RUNNING' }, registry, { host, port });
  try {
    meter.windows('opened', 2);
    meter.windows('closed', 1);
    meter.windows('closed', 4);
    meter.deliveries('retried', 3);
    const answer = await fetch(`http://${host}:${port}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    const lines = (await answer.text()).split('\n');
    expect(lines.filter((line) => /^casement_.*_total/.test(line)).sort()).toEqual([
      'casement_webhook_deliveries_total{event="delivered"} 0',
      'casement_webhook_deliveries_total{event="failed"} 0',
      'casement_webhook_deliveries_total{event="parked"} 0',
      'casement_webhook_deliveries_total{event="retried"} 3',
      'casement_window_events_total{event="closed"} 5',
      'casement_window_events_total{event="closing_soon"} 0',
      'casement_window_events_total{event="extended"} 0',
      'casement_window_events_total{event="opened"} 2',
    ]);
    expect(lines).toContainEqual(expect.stringMatching(/^process_resident_memory_bytes /));
  } finally {
    await health.close();
  }
});

test.each([
  ['RUNNING', 200],
  ['DRAINING', 503],
] as const)('a worker that is %s is told as %i', async (state, status) => {
  const port = await freePort();
  const { registry } = createWorkerMetrics();
  const health = await serveHealth({ getState: () => state }, registry, { host, port });
  try {
    const answer = await fetch(`http://${host}:${port}/healthz`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ state });
  } finally {
    await health.close();
  }
});
