import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { request } from 'undici';
import type { Progress } from '../../domain/recipient';
import { readConfig } from '../../runtime/config';
import { DEVELOPMENT } from '../../stack/developmentData';
import { startStack, type Stack } from '../../stack/stack';
import { createTestDatabase } from './database';

/** The whole product as a developer runs it: api, worker and simulator as processes, PostgreSQL and Temporal real. */
export interface TestStack {
  stack: Stack;
  api: ApiClient;
  simulator: SimulatorClient;
  stop(): Promise<void>;
}

export async function startTestStack(settings: Record<string, string> = {}): Promise<TestStack> {
  const database = await createTestDatabase();
  const home = await mkdtemp(path.join(tmpdir(), 'casement-e2e-'));
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    CASEMENT_HOME: home,
    CASEMENT_PORT: '0',
    CASEMENT_SIMULATOR_PORT: '0',
    CASEMENT_TEMPORAL_PORT: '0',
    CASEMENT_TEMPORAL_UI_PORT: '0',
    CASEMENT_RATE_LIMIT: '100000',
    CASEMENT_INBOX_RATE_LIMIT: '100000',
    CASEMENT_CLOUD_RATE_LIMIT: '100000',
    ...settings,
  };
  const stack = await startStack({
    home,
    config: readConfig(env),
    env,
    onProgress: () => undefined,
  });
  const { api, simulator, keys } = stack.description();
  return {
    stack,
    api: new ApiClient(api, keys.dexatel),
    simulator: new SimulatorClient(simulator),
    stop: async () => {
      await stack.stop();
      await database.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export interface CampaignJson {
  id: string;
  status: string;
  paused: boolean;
  paused_reason: string | null;
  progress: Progress;
}

/** Speaks the Dexatel dialect as a customer's program would. */
export class ApiClient {
  constructor(
    private readonly base: string,
    private readonly key: string,
  ) {}

  async call<T>(method: string, path_: string, data?: unknown): Promise<T> {
    return this.send<T>(method, path_, 'application/json', data && JSON.stringify({ data }));
  }

  async importCsv(
    audienceId: string,
    csv: string,
  ): Promise<{ accepted: number; rejected: number }> {
    return this.send('POST', `/v1/audiences/${audienceId}/import`, 'text/csv', csv);
  }

  /** An audience of numbers from +1 555 2000 000 upwards. */
  async audience(name: string, size: number): Promise<string> {
    const { id } = await this.call<{ id: string }>('POST', '/v1/audiences', {
      name,
      channel: 'WHATSAPP',
    });
    const numbers = Array.from({ length: size }, (_, n) => String(15552000000 + n));
    await this.importCsv(id, `number\n${numbers.join('\n')}\n`);
    return id;
  }

  campaign(id: string): Promise<CampaignJson> {
    return this.call('GET', `/v1/campaigns/${id}`);
  }

  private async send<T>(
    method: string,
    path_: string,
    contentType: string,
    body?: unknown,
  ): Promise<T> {
    const response = await request(this.base + path_, {
      method: method as 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
      headers: { 'X-Dexatel-Key': this.key, 'Content-Type': contentType },
      body: typeof body === 'string' ? body : null,
    });
    const text = await response.body.text();
    if (response.statusCode >= 400) throw new Error(`${method} ${path_}: ${text}`);
    return text === '' ? (undefined as T) : (JSON.parse(text) as { data: T }).data;
  }
}

export interface SimulatedMessage {
  wamid: string;
  type: string;
  at: string;
  body: { text?: { body: string } } | null;
}

export interface SimulatorStats {
  requests: number;
  accepted: number;
  distinct_recipients: number;
  max_messages_per_recipient: number;
  busiest_second: { count: number };
  posts_in_flight: number;
}

export class SimulatorClient {
  constructor(private readonly base: string) {}

  async faults(faults: unknown): Promise<void> {
    await request(`${this.base}/_sim/faults`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(faults),
    }).then((response) => response.body.dump());
  }

  /** One more number of ours at the provider. */
  async addNumber(number: object): Promise<void> {
    const response = await request(`${this.base}/_sim/numbers`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify([number]),
    });
    if (response.statusCode !== 200) throw new Error(await response.body.text());
    await response.body.dump();
  }

  async reset(): Promise<void> {
    await request(`${this.base}/_sim/reset`, { method: 'POST' }).then((r) => r.body.dump());
  }

  /** A customer (digits) writes to the development number, or to another one of ours. */
  async inbound(from: string, body: string, to: string = DEVELOPMENT.phone): Promise<void> {
    const response = await request(`${this.base}/_sim/inbound`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ from, to, type: 'text', text: { body } }),
    });
    if (response.statusCode !== 200) throw new Error(await response.body.text());
    await response.body.dump();
  }

  /** What the provider took for this number (digits), oldest first. */
  async messagesTo(to: string): Promise<SimulatedMessage[]> {
    const response = await request(`${this.base}/_sim/messages?to=${to}`);
    const { messages } = (await response.body.json()) as { messages: SimulatedMessage[] };
    return messages.toSorted((a, b) => a.at.localeCompare(b.at));
  }

  async stats(): Promise<SimulatorStats> {
    const response = await request(`${this.base}/_sim/stats`);
    return (await response.body.json()) as SimulatorStats;
  }
}
