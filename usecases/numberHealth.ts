import { setTimeout as after } from 'node:timers/promises';
import type { Sender } from '../db/schema';
import type { SenderHealth } from '../domain/ports';
import type { Deps } from './deps';

/** Providers allow few such questions in an hour, and quality is rated over days (milliseconds). */
const HOLDS_MS = 5 * 60_000;
/** Whoever lists numbers does not wait longer for a provider (milliseconds). */
const PATIENCE_MS = 3_000;

interface Asked {
  at: number;
  health: Promise<SenderHealth | null>;
}

/** What providers say of the account's own numbers: quality, limits, whether they can send. */
export class NumberHealth {
  private readonly asked = new Map<string, Asked>();

  constructor(private readonly deps: Pick<Deps, 'clock' | 'providerFor'>) {}

  /** Null while it cannot be had. What comes too late is there for the next who asks. */
  async of(sender: Sender): Promise<SenderHealth | null> {
    const patience = new AbortController();
    const tired = after(PATIENCE_MS, null, { signal: patience.signal, ref: false });
    try {
      return await Promise.race([this.ask(sender), tired]);
    } finally {
      tired.catch(() => undefined);
      patience.abort();
    }
  }

  private ask(sender: Sender): Promise<SenderHealth | null> {
    const now = this.deps.clock.now().toMillis();
    const known = this.asked.get(sender.id);
    if (known && now < known.at + HOLDS_MS) return known.health;
    const provider = this.deps.providerFor(sender);
    const health = provider
      .health()
      .then((outcome) => (outcome.kind === 'done' ? outcome.health : null));
    this.asked.set(sender.id, { at: now, health });
    return health;
  }
}
