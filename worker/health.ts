import { createServer } from 'node:http';
import type { Worker } from '@temporalio/worker';
import type { Registry } from 'prom-client';

/** `GET /healthz` (200 while the worker polls) and `GET /metrics` (Prometheus) of a worker, for a container platform. */
export async function serveHealth(
  worker: Pick<Worker, 'getState'>,
  registry: Registry,
  address: { host: string; port: number },
): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      void registry.metrics().then((text) => {
        response.setHeader('Content-Type', registry.contentType);
        response.end(text);
      });
      return;
    }
    const state = worker.getState();
    response.statusCode = request.url !== '/healthz' ? 404 : state === 'RUNNING' ? 200 : 503;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ state }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
