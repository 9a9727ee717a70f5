import { timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import type { SecretBox } from '../domain/ports';
import type { Db } from '../db/connect';
import type { Sender } from '../db/schema';
import type { InboxEntry } from '../db/webhookInbox';
import { HookBody, namesIn, type BodyNames, type NamedChange } from '../wire/hookBody';
import { verifySignature } from '../wire/signature';
import { VerifyTokens } from './verifyTokens';

/** How long a sender's settings are remembered (milliseconds): a hook must answer fast, and secrets change rarely. */
const REMEMBER_MS = 5_000;

const MOST_REMEMBERED = 10_000;
/** Numbers of a body whose senders are asked for a proof: each costs a digest of the body, of whomever it is. */
const MOST_TRIED = 10;

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
   * What is to be kept of a body, by what it names: the phone number id of messages and statuses, the WABA of
   * everything else. Anybody can name those, in a body and as their own: it is the sender's whose own secret proves it,
   * and of those without one it is none. An app tells of all its numbers in one body, whoever's they are: then each
   * sender gets what is its own, and what names nobody who proves it stays with one who does. Nothing where no proof
   * holds.
   */
  async byBody(raw: Buffer, headers: HookHeaders): Promise<InboxEntry[]> {
    const names = namesIn(raw);
    const prover = await this.prover(names, raw, headers);
    if (!prover) return [];
    const divided = names.several ? await this.divide(raw, prover) : [];
    return divided.length > 0 ? divided : [{ senderId: prover.id, body: raw }];
  }

  private async prover(
    { phoneNumberIds, wabaId, several }: BodyNames,
    raw: Buffer,
    headers: HookHeaders,
  ): Promise<Sender | null> {
    const names: Name[] = phoneNumberIds.slice(0, MOST_TRIED).map((id) => ['phone_number_id', id]);
    if (wabaId !== null && (several || names.length === 0)) names.push(['waba_id', wabaId]);
    for (const [column, id] of names) {
      const named = await this.remember(`${column} ${id}`, () =>
        this.alive().where(column, '=', id).orderBy('id').execute(),
      );
      const proven = named.find(
        (sender) => hasSecret(sender) && this.check(sender, raw, headers) === 'accepted',
      );
      if (proven) return proven;
    }
    return null;
  }

  /** Nothing where it cannot be divided. */
  private async divide(raw: Buffer, prover: Sender): Promise<InboxEntry[]> {
    const body = HookBody.read(raw);
    if (!body) return [];
    const owners = await this.owners(body.changes, prover);
    const shares = new Map<string, NamedChange[]>();
    for (const change of body.changes) {
      const { phoneNumberId, wabaId } = change;
      const owner =
        owners.get(`phone_number_id ${phoneNumberId}`) ?? owners.get(`waba_id ${wabaId}`) ?? prover;
      const share = shares.get(owner.id) ?? [];
      shares.set(owner.id, share);
      share.push(change);
    }
    return [...shares].map(([senderId, changes]) => ({
      senderId,
      body: shares.size > 1 ? body.only(changes) : raw,
    }));
  }

  /** Of all that these name, the senders with the secret that has proved the body; of several the oldest. */
  private async owners(
    changes: readonly NamedChange[],
    prover: Sender,
  ): Promise<Map<string, Sender>> {
    const named = (ids: (string | null)[]) => [...new Set(ids.filter((id) => id !== null))];
    const numbers = named(changes.map(({ phoneNumberId }) => phoneNumberId));
    const accounts = named(changes.map(({ wabaId }) => wabaId));
    const rows = await this.alive()
      .where(sql<boolean>`(phone_number_id = ANY(${numbers}) OR waba_id = ANY(${accounts}))`)
      .orderBy('id', 'desc')
      .execute();
    const secret = this.secretOf(prover);
    const proven = rows.filter((sender) => hasSecret(sender) && this.secretOf(sender) === secret);
    const owners = new Map<string, Sender>();
    for (const sender of proven) {
      for (const column of ['waba_id', 'phone_number_id'] as const)
        if (sender[column] !== null) owners.set(`${column} ${sender[column]}`, sender);
    }
    return owners;
  }

  /** What proves its webhooks, with what it is to the provider: equal ones prove the same bodies. */
  private secretOf(sender: Sender): string {
    const sealed = sealedSecret(sender);
    return `${sender.provider_kind} ${sealed === null ? '' : this.open(sealed)}`;
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

type Name = ['phone_number_id' | 'waba_id', string];

function sealedSecret({ provider_kind, sealed_app_secret, sealed_verify_token }: Sender) {
  return provider_kind === '360dialog' ? sealed_verify_token : sealed_app_secret;
}

function hasSecret(sender: Sender): boolean {
  return sealedSecret(sender) !== null;
}

export interface HookHeaders {
  /** `X-Hub-Signature-256` */
  signature: string | undefined;
  authorization: string | undefined;
}

function sameText(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
