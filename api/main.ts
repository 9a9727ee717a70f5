import type { Server } from 'node:http';
import { Client, Connection } from '@temporalio/client';
import { dropExpiredSlots } from '../db/idempotency';
import { dropIdleCounts } from '../db/rateLimit';
import { readConfig, type Config } from '../runtime/config';
import { openRuntime, type Runtime } from '../runtime/runtime';
import { temporalSettings } from '../runtime/temporal';
import { announceReady, onShutdown } from '../stack/child';
import { Notifications } from '../db/notifications';
import { openOutbound } from '../outbound/client';
import { Answers } from '../usecases/answers';
import { LiveEvents } from '../usecases/liveEvents';
import { MediaChecks } from '../usecases/mediaCheck';
import { ProviderHooks } from '../usecases/providerHook';
import { SignalDelivery } from '../usecases/signals';
import { WebhookInbox } from '../usecases/webhookInbox';
import { reasonOf } from '../domain/reason';
import { createApp } from './app';
import { hooksRouter } from './hooks';

/** A connection on which nothing moves for this long is closed. An import may take hours, as long as bytes flow. */
const IDLE_MS = 120_000;

/** How often answers that are past their 24 hours of replay are removed, and counts that nobody uses any more. */
const HOUSEKEEPING_MS = 3_600_000;

/** The longest window of a rate limit is a day, and the one before it counts as well. */
const IDLE_COUNTS_DAYS = 2;

/** Open requests get this long after the stop before their connections are cut. */
const DRAIN_MS = 8_000;

async function main(): Promise<void> {
  let stop: () => Promise<void> = async () => undefined;
  onShutdown(() => stop());
  const config = readConfig();
  const runtime = await openRuntime(config, {
    name: 'api',
    signals: async (db, log, onClose) => {
      const { connection: options, namespace } = temporalSettings(config);
      // Lazy: the API starts and serves while Temporal is down.
      const connection = Connection.lazy(options);
      onClose(() => connection.close());
      const client = new Client({ connection, namespace });
      const closingSoonMs = config.CASEMENT_CLOSING_SOON * 1000;
      const waits = (error: unknown) =>
        log.warn({ err: error }, 'a workflow signal waits for the relay');
      const delivery = new SignalDelivery(db, client, waits, { closingSoonMs });
      return (workflowIds) => delivery.deliverSoon(workflowIds);
    },
  });
  const publicUrl = publicUrlOf(config);
  const { db, secrets, clock, urlGuard } = runtime.deps;
  const notifications = await Notifications.open(config.DATABASE_URL!);
  runtime.onClose(() => notifications.close());
  const answers = new Answers(db, notifications, config.CASEMENT_SEND_WAIT * 1000);
  const live = new LiveEvents(db, notifications, {
    onError: (error) => runtime.log.warn({ err: error }, 'live events were not looked for'),
  });
  const outbound = openOutbound(urlGuard);
  runtime.onClose(() => outbound.close());
  const passUnresolved = config.CASEMENT_OUTBOUND_ALLOW_PRIVATE;
  const media = new MediaChecks({ clock, outbound, urlGuard, passUnresolved });
  const hooks = hooksRouter({
    hooks: new ProviderHooks(db, secrets, Date.now),
    inbox: new WebhookInbox(db),
  });
  const app = createApp(
    { ...runtime.deps, publicUrl, answers, live, media },
    {
      log: runtime.log,
      rateLimits: {
        dexatel: config.CASEMENT_RATE_LIMIT,
        inbox: config.CASEMENT_INBOX_RATE_LIMIT,
        cloud: config.CASEMENT_CLOUD_RATE_LIMIT,
      },
      refusedLimit: config.CASEMENT_REFUSED_LIMIT,
      trustedProxies: config.CASEMENT_TRUSTED_PROXIES,
      hooks,
    },
  );
  const server = await listen(app, config);
  runtime.onClose(() => stopServer(server));
  // Before the server: it waits for open requests, and these would never end.
  runtime.onClose(async () => live.close());
  runtime.onClose(startHousekeeping(runtime));
  stop = () => runtime.close();
  runtime.log.info({ address: server.address(), publicUrl }, 'listening');
  announceReady();
}

/** Answers with what ends it. */
function startHousekeeping({ deps: { db, clock }, log }: Runtime): () => Promise<void> {
  const timer = setInterval(() => {
    dropExpiredSlots(db).catch((error: unknown) => {
      log.warn({ err: error }, 'old idempotency keys were not removed');
    });
    const idleSince = clock.now().minus({ days: IDLE_COUNTS_DAYS }).toJSDate();
    dropIdleCounts(db, idleSince).catch((error: unknown) => {
      log.warn({ err: error }, 'old counts of requests were not removed');
    });
  }, HOUSEKEEPING_MS);
  return async () => clearInterval(timer);
}

function publicUrlOf(config: Config): string {
  const url =
    config.CASEMENT_PUBLIC_URL ?? `http://${config.CASEMENT_HOST}:${config.CASEMENT_PORT}`;
  return url.replace(/\/+$/, '');
}

/** Rejects with a sentence that names the variable when the port is taken. */
function listen(app: ReturnType<typeof createApp>, config: Config): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = app.listen(config.CASEMENT_PORT, config.CASEMENT_HOST, (error?: Error) => {
      if (error) {
        reject(new Error(`CASEMENT_PORT ${config.CASEMENT_PORT}: ${error.message}`));
        return;
      }
      resolve(server);
    });
    // Node's limit on a whole request (5 minutes) would cut a long import.
    server.requestTimeout = 0;
    server.timeout = IDLE_MS;
  });
}

async function stopServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(cut);
}

main().catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
});
