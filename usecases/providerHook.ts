import { timingSafeEqual } from 'node:crypto';
import type { SecretBox } from '../domain/ports';
import type { Db } from '../db/connect';
import type { Sender } from '../db/schema';
import { verifySignature } from '../wire/signature';

/** How long a sender's settings are remembered (milliseconds): a hook must answer fast, and secrets change rarely. */
const REMEMBER_MS = 5_000;

const MOST_REMEMBERED = 10_000;

export type HookVerdict = 'accepted' | 'bad_signature' | 'dropped' | 'unknown_sender';

/** Says which sender a provider webhook belongs to and whether the provider itself sent it. */
export class ProviderHooks {
  private readonly remembered = new Map<string, { sender: Sender | null; until: number }>();
  private readonly opened = new Map<string, string>();

  constructor(
    private readonly db: Db,
    private readonly secrets: SecretBox,
    private readonly now: () => number,
  ) {}

  /** By the unguessable key in the hook's own URL. */
  byKey(hookKey: string): Promise<Sender | null> {
    return this.remember(`key ${hookKey}`, async () =>
      this.alive().where('hook_key', '=', hookKey).executeTakeFirst(),
    );
  }

  /** By what a body names: the phone number id of messages and statuses, the WABA of everything else. */
  byBody(raw: Buffer): Promise<Sender | null> {
    const { phoneNumberId, wabaId } = namesIn(raw);
    if (!phoneNumberId && !wabaId) return Promise.resolve(null);
    return this.remember(`body ${phoneNumberId} ${wabaId}`, () =>
      phoneNumberId
        ? this.alive().where('phone_number_id', '=', phoneNumberId).executeTakeFirst()
        : this.alive().where('waba_id', '=', wabaId).executeTakeFirst(),
    );
  }

  /**
   * Cloud API senders: HMAC of the raw bytes with the app secret; a bad one is refused. 360dialog senders: the verify
   * token comes back in a header of the customer's choice (`Authorization`); a wrong one is dropped, because that
   * provider wants 200 for everything. A sender without such a secret is known by its hook URL alone.
   */
  check(sender: Sender, raw: Buffer, headers: HookHeaders): HookVerdict {
    if (sender.provider_kind === '360dialog') {
      if (!sender.sealed_verify_token) return 'accepted';
      const expected = this.open(sender.sealed_verify_token);
      const given = headers.authorization?.replace(/^Bearer /, '') ?? '';
      return sameText(given, expected) ? 'accepted' : 'dropped';
    }
    if (!sender.sealed_app_secret) return 'accepted';
    const secret = this.open(sender.sealed_app_secret);
    return verifySignature(secret, raw, headers.signature) ? 'accepted' : 'bad_signature';
  }

  /** Answers Meta's subscription check. */
  isVerifyToken(sender: Sender, token: string): boolean {
    const sealed = sender.sealed_verify_token;
    return sealed !== null && sameText(token, this.open(sealed));
  }

  /** Decrypting costs more than checking the signature, so what was opened is kept. */
  private open(sealed: string): string {
    const known = this.opened.get(sealed);
    if (known !== undefined) return known;
    if (this.opened.size >= MOST_REMEMBERED) this.opened.clear();
    const plain = this.secrets.open(sealed);
    this.opened.set(sealed, plain);
    return plain;
  }

  private alive() {
    return this.db.selectFrom('senders').selectAll().where('deleted_at', 'is', null);
  }

  private async remember(
    name: string,
    find: () => Promise<Sender | undefined>,
  ): Promise<Sender | null> {
    const known = this.remembered.get(name);
    if (known && known.until > this.now()) return known.sender;
    if (this.remembered.size >= MOST_REMEMBERED) this.remembered.clear();
    const sender = (await find()) ?? null;
    this.remembered.set(name, { sender, until: this.now() + REMEMBER_MS });
    return sender;
  }
}

export interface HookHeaders {
  /** `X-Hub-Signature-256` */
  signature: string | undefined;
  authorization: string | undefined;
}

const PHONE_NUMBER_ID = /"phone_number_id"\s*:\s*"([0-9]{1,32})"/;
const WABA_ID = /"entry"\s*:\s*\[\s*\{[^{}]*?"id"\s*:\s*"([0-9]{1,32})"/;

/** Without parsing megabytes of JSON: the body is verified and stored, and parsed later by the relay. */
function namesIn(raw: Buffer): { phoneNumberId: string | null; wabaId: string | null } {
  const text = raw.toString('latin1');
  return {
    phoneNumberId: PHONE_NUMBER_ID.exec(text)?.[1] ?? null,
    wabaId: WABA_ID.exec(text)?.[1] ?? null,
  };
}

function sameText(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
