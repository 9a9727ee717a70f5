import { Client } from 'pg';

/** Payload: id of a sender that has a new direct message. */
export const LANE_CHANNEL = 'casement_lane';
/** Payload: id of a direct message whose state has moved. */
export const MESSAGE_CHANNEL = 'casement_message';

/** Payload: id of an account that can be told of something. */
export const EVENT_CHANNEL = 'casement_event';

export type Channel = typeof LANE_CHANNEL | typeof MESSAGE_CHANNEL | typeof EVENT_CHANNEL;

const CHANNELS: readonly Channel[] = [LANE_CHANNEL, MESSAGE_CHANNEL, EVENT_CHANNEL];
const RECONNECT_MS = 1_000;

/**
 * PostgreSQL's NOTIFY over one connection. A notification is a hint that wakes who waits, never a fact: some are lost
 * while the connection is, so whoever listens also looks for itself now and then.
 */
export class Notifications {
  private readonly handlers = new Map<string, Set<() => void>>();
  private client: Client | null = null;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  private constructor(private readonly url: string) {}

  /** Rejects when the database cannot be reached; connections lost later are replaced. */
  static async open(url: string): Promise<Notifications> {
    const notifications = new Notifications(url);
    await notifications.connect();
    return notifications;
  }

  /** Calls `handler` whenever this payload comes on the channel. Returns what ends that. */
  on(channel: Channel, payload: string, handler: () => void): () => void {
    const key = `${channel} ${payload}`;
    const handlers = this.handlers.get(key) ?? new Set();
    this.handlers.set(key, handlers.add(handler));
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0) this.handlers.delete(key);
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.client?.end();
  }

  private async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'casement-notifications',
      keepAlive: true,
    });
    client.on('notification', ({ channel, payload }) => this.tell(`${channel} ${payload}`));
    client.on('error', () => undefined);
    client.on('end', () => this.reconnectSoon());
    this.client = client;
    await client.connect();
    for (const channel of CHANNELS) await client.query(`LISTEN ${channel}`);
  }

  private tell(key: string): void {
    for (const handler of this.handlers.get(key) ?? []) handler();
  }

  private reconnectSoon(): void {
    if (this.closed) return;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      this.connect().catch(() => this.reconnectSoon());
    }, RECONNECT_MS);
  }
}
