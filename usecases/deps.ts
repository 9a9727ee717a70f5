import type { Clock, Provider, SecretBox } from '../domain/ports';
import type { Db } from '../db/connect';
import type { Sender } from '../db/schema';
import type { UrlGuard } from '../outbound/guard';

/** What every use case may use; passed as its first argument. */
export interface Deps {
  db: Db;
  clock: Clock;
  secrets: SecretBox;
  /** A keep-alive client of the sender's provider. */
  providerFor: (sender: Sender) => Provider;
  /** Which addresses of our users' making may be called. */
  urlGuard: UrlGuard;
  /** Tries to deliver the outbox rows of these workflows right after a commit; never throws, never waits long. */
  deliverSignals(workflowIds: readonly string[]): void;
}

/** Who asks: found by the API key. */
export interface Caller {
  accountId: string;
  keyId: string;
  scopes: readonly string[];
  senderId: string | null;
  agentId: string | null;
}
