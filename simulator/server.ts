import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  numberSchema,
  templateSeedSchema,
  type NumberInput,
  type TemplateSeedInput,
} from './config';
import { control } from './control';
import { answerGraph, isSend } from './graphApi';
import { readJson, type Answer } from './messages';
import { World } from './world';

export interface SimulatorOptions {
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  numbers?: NumberInput[];
  /** Templates that exist from the start, approved unless they say otherwise. */
  templates?: TemplateSeedInput[];
  /** Milliseconds until a submitted template is decided. */
  reviewDelayMs?: number;
}

export interface Simulator {
  /** Origin without a trailing slash: the base URL of both kinds of provider. */
  url: string;
  port: number;
  close(): Promise<void>;
}

const REVIEW_DELAY = 500;
const CONTROL_PREFIX = '/_sim/';

/**
 * Starts a simulated provider that behaves like Meta's Cloud API and 360dialog at once. Rejects when the port is
 * taken or the options are not valid.
 */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const world = new World();
  for (const input of options.numbers ?? []) {
    const number = numberSchema.parse(input);
    world.numbers.set(number.phoneNumberId, number);
  }
  for (const seed of options.templates ?? []) world.templates.seed(templateSeedSchema.parse(seed));

  const reviewDelayMs = options.reviewDelayMs ?? REVIEW_DELAY;
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    readBody(request, (raw) => void serve(world, { request, response, raw, reviewDelayMs }));
  });
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, host, options.port ?? 0);
  return {
    url: `http://${host}:${port}`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await world.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Collects the body; a request that breaks off is forgotten. */
function readBody(request: IncomingMessage, done: (raw: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
  request.on('error', () => chunks.splice(0));
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  raw: string;
  reviewDelayMs: number;
}

async function serve(world: World, exchange: Exchange): Promise<void> {
  const { request, response, raw, reviewDelayMs } = exchange;
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  if (path.startsWith(CONTROL_PREFIX)) {
    const query = new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1));
    const answer = await control(world, { route: `${method} ${path}`, query, body: readJson(raw) });
    write(response, { kind: 'answer', ...answer });
    return;
  }
  const asked = { method, path, headers: request.headers, raw };
  if (!isSend(asked)) {
    write(response, answerGraph(world, asked, reviewDelayMs));
    return;
  }
  const { ledger } = world;
  ledger.requests += 1;
  ledger.postsInFlight += 1;
  ledger.busiestInFlight = Math.max(ledger.busiestInFlight, ledger.postsInFlight);
  ledger.lastPostAt = Date.now();
  response.once('close', () => (ledger.postsInFlight -= 1));
  const answer = answerGraph(world, asked, reviewDelayMs);
  const wait = world.faults.latency_ms;
  if (wait === 0) write(response, answer);
  else setTimeout(() => write(response, answer), wait);
}

function write(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  if (answer.kind === 'hang') return;
  if (answer.kind === 'reset') {
    response.destroy();
    return;
  }
  const isText = typeof answer.body === 'string';
  const body = Buffer.from(
    typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body),
  );
  response.writeHead(answer.status, {
    'content-type': isText ? 'text/html' : 'application/json',
    'content-length': body.length,
    ...answer.headers,
  });
  response.end(body);
}
