import { createHmac, randomBytes } from 'node:crypto';
import type { SecretBox } from '../domain/ports';
import type { Db } from '../db/connect';

/** How long the tokens are remembered (milliseconds): whoever asks has proved nothing, and must not cost a query. */
const REMEMBER_MS = 5_000;
/** Tokens that are known; those of older senders first. Further ones are good at their sender's own hook. */
const MOST_TOKENS = 10_000;

/**
 * The verify tokens of all senders that Meta's subscription check may name, for the hook that names none. What is kept
 * is their digests under a key of this process: one look tells, and how long it takes tells nothing about any token.
 */
export class VerifyTokens {
  private readonly key = randomBytes(32);
  /** By sealed token, so that each is opened once. */
  private digests = new Map<string, string>();
  private known: ReadonlySet<string> = new Set();
  private until = 0;
  private loading: Promise<void> | null = null;

  constructor(
    private readonly db: Db,
    private readonly secrets: SecretBox,
    private readonly now: () => number,
  ) {}

  async has(token: string): Promise<boolean> {
    if (this.until <= this.now()) {
      this.loading ??= this.load().finally(() => {
        this.loading = null;
      });
      await this.loading;
    }
    return this.known.has(this.digest(token));
  }

  private async load(): Promise<void> {
    const rows = await this.db
      .selectFrom('senders')
      .select('sealed_verify_token as sealed')
      .where('deleted_at', 'is', null)
      .where('provider_kind', '=', 'cloud_api')
      .where('sealed_verify_token', 'is not', null)
      .orderBy('id')
      .limit(MOST_TOKENS)
      .execute();
    const digests = new Map<string, string>();
    for (const { sealed } of rows) {
      const digest = sealed === null ? null : (this.digests.get(sealed) ?? this.digestOf(sealed));
      if (sealed !== null && digest !== null) digests.set(sealed, digest);
    }
    this.digests = digests;
    this.known = new Set(digests.values());
    this.until = this.now() + REMEMBER_MS;
  }

  /** Null when it cannot be opened: that sender is not subscribed, the others are. */
  private digestOf(sealed: string): string | null {
    try {
      return this.digest(this.secrets.open(sealed));
    } catch {
      return null;
    }
  }

  private digest(token: string): string {
    return createHmac('sha256', this.key).update(token).digest('base64');
  }
}
