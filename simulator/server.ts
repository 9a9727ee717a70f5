import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  numberSchema,
  templateSeedSchema,
  type NumberInput,
  type TemplateSeedInput,
} from './config';
import { refuse, type Answer } from './answers';
import { control } from './control';
import { answerGraph, isSend } from './graphApi';
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
/** Bytes of a request: the largest file, and room for its form. */
const LARGEST_BODY = 101 * 1024 * 1024;

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

/** Collects the body; a request that breaks off is forgotten, and null is one that is too large. */
function readBody(request: IncomingMessage, done: (raw: Buffer | null) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
    else chunks.splice(0);
  });
  request.on('end', () => done(size <= LARGEST_BODY ? Buffer.concat(chunks) : null));
  request.on('error', () => chunks.splice(0));
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  raw: Buffer | null;
  reviewDelayMs: number;
}

async function serve(world: World, exchange: Exchange): Promise<void> {
  const { request, response, raw, reviewDelayMs } = exchange;
  if (raw === null) {
    write(response, refuse({ code: 100, details: 'The request is too large.' }));
    return;
  }
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1));
  if (path.startsWith(CONTROL_PREFIX)) {
    write(response, await control(world, { method, path, query, raw }));
    return;
  }
  const asked = { method, path, query, headers: request.headers, raw, reviewDelayMs };
  if (!isSend(asked)) {
    write(response, await answerGraph(world, asked));
    return;
  }
  const { ledger } = world;
  ledger.requests += 1;
  ledger.postsInFlight += 1;
  ledger.busiestInFlight = Math.max(ledger.busiestInFlight, ledger.postsInFlight);
  ledger.lastPostAt = Date.now();
  response.once('close', () => (ledger.postsInFlight -= 1));
  const answer = await answerGraph(world, asked);
  const wait = world.faults.latency_ms;
  if (wait === 0) write(response, answer);
  else setTimeout(() => write(response, answer), wait);
}

/** Text is HTML, bytes say their own type, everything else is JSON. */
function write(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  if (answer.kind === 'hang') return;
  if (answer.kind === 'reset') {
    response.destroy();
    return;
  }
  const [type, body] = encode(answer.body);
  response.writeHead(answer.status, {
    'content-type': type,
    'content-length': body.length,
    ...answer.headers,
  });
  response.end(body);
}

function encode(body: object | string | Buffer): [type: string, bytes: Buffer] {
  if (Buffer.isBuffer(body)) return ['application/octet-stream', body];
  return typeof body === 'string'
    ? ['text/html; charset=utf-8', Buffer.from(body)]
    : ['application/json', Buffer.from(JSON.stringify(body))];
}
