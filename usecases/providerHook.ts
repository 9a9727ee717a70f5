import { timingSafeEqual } from 'node:crypto';
import type { SecretBox } from '../domain/ports';
import type { Db } from '../db/connect';
import type { Sender } from '../db/schema';
import { verifySignature } from '../wire/signature';
import { VerifyTokens } from './verifyTokens';

/** How long a sender's settings are remembered (milliseconds): a hook must answer fast, and secrets change rarely. */
const REMEMBER_MS = 5_000;

const MOST_REMEMBERED = 10_000;

export type HookVerdict = 'accepted' | 'bad_signature' | 'dropped';

/** Says which sender a provider webhook belongs to and whether the provider itself sent it. */
export class ProviderHooks {
  private readonly remembered = new Map<string, { senders: Sender[]; until: number }>();
  private readonly opened = new Map<string, string>();
  private readonly verifyTokens: VerifyTokens;

  constructor(
    private readonly db: Db,
    private readonly secrets: SecretBox,
    private readonly now: () => number,
  ) {
    this.verifyTokens = new VerifyTokens(db, secrets, now);
  }

  /** By the unguessable key in the hook's own URL. */
  async byKey(hookKey: string): Promise<Sender | null> {
    const [sender] = await this.remember(`key ${hookKey}`, async () =>
      this.alive().where('hook_key', '=', hookKey).execute(),
    );
    return sender ?? null;
  }

  /**
   * By what a body names: the phone number id of messages and statuses, the WABA of everything else. Anybody can name
   * those, in a body and as their own: it is the sender's whose own secret proves it, and of those without one it is none.
   * Null also where no proof holds.
   */
  async byBody(raw: Buffer, headers: HookHeaders): Promise<Sender | null> {
    const { phoneNumberId, wabaId } = namesIn(raw);
    if (!phoneNumberId && !wabaId) return null;
    const named = await this.remember(`body ${phoneNumberId} ${wabaId}`, () =>
      phoneNumberId
        ? this.alive().where('phone_number_id', '=', phoneNumberId).execute()
        : this.alive().where('waba_id', '=', wabaId).execute(),
    );
    const proven = named.find(
      (sender) => hasSecret(sender) && this.check(sender, raw, headers) === 'accepted',
    );
    return proven ?? null;
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

  /** Answers Meta's subscription check at the sender's own hook. */
  isVerifyToken(sender: Sender, token: string): boolean {
    const sealed = sender.sealed_verify_token;
    return sealed !== null && sameText(token, this.open(sealed));
  }

  /** Answers it at the hook that names nobody: an app has one address for all its numbers. */
  isAnyVerifyToken(token: string): Promise<boolean> {
    return this.verifyTokens.has(token);
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

  private async remember(name: string, find: () => Promise<Sender[]>): Promise<Sender[]> {
    const known = this.remembered.get(name);
    if (known && known.until > this.now()) return known.senders;
    if (this.remembered.size >= MOST_REMEMBERED) this.remembered.clear();
    const senders = await find();
    this.remembered.set(name, { senders, until: this.now() + REMEMBER_MS });
    return senders;
  }
}

function hasSecret({ provider_kind, sealed_app_secret, sealed_verify_token }: Sender): boolean {
  return (provider_kind === '360dialog' ? sealed_verify_token : sealed_app_secret) !== null;
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
