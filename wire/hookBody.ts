import { z } from 'zod';
import { isDeeper } from '../domain/json';

/** Whom the body of a provider's webhook is about, before and after its secret is proved. */

export interface BodyNames {
  /** Each once, in the order of the body. */
  phoneNumberIds: string[];
  /** Of the first entry. */
  wabaId: string | null;
  /** Whether there is more than one of either, or there may be. */
  several: boolean;
}

/** Names that are told apart: a body carries up to a thousand updates. */
const MOST_NAMES = 1_000;

const PHONE_NUMBER_ID = /"phone_number_id"\s*:\s*"([0-9]{1,32})"/g;
const WABA_ID = /"entry"\s*:\s*\[\s*\{[^{}]*?"id"\s*:\s*"([0-9]{1,32})"/;
/** Each entry has one. */
const CHANGES = '"changes"';

/** Without parsing megabytes of JSON of whom nobody knows: the body is verified and stored, and parsed later. */
export function namesIn(raw: Buffer): BodyNames {
  const text = raw.toString('latin1');
  const found = new Set<string>();
  for (const [, id] of text.matchAll(PHONE_NUMBER_ID)) {
    if (id !== undefined) found.add(id);
    if (found.size === MOST_NAMES) break;
  }
  const oneEntry = text.indexOf(CHANGES) === text.lastIndexOf(CHANGES);
  return {
    phoneNumberIds: [...found],
    wabaId: WABA_ID.exec(text)?.[1] ?? null,
    several: found.size > 1 || !oneEntry,
  };
}

/** One change of a body, with whom it names. */
export interface NamedChange {
  phoneNumberId: string | null;
  wabaId: string | null;
  change: unknown;
}

const id = z.string().regex(/^[0-9]{1,32}$/);
const envelopeSchema = z.looseObject({
  entry: z.array(z.looseObject({ changes: z.array(z.unknown()) })),
});
const changeSchema = z.object({
  value: z.object({ metadata: z.object({ phone_number_id: id }) }),
});

/** A body that can be divided by whom its changes name. */
export class HookBody {
  readonly changes: readonly NamedChange[];

  private constructor(private readonly envelope: z.infer<typeof envelopeSchema>) {
    this.changes = envelope.entry.flatMap((entry) =>
      entry.changes.map((change) => ({
        phoneNumberId: changeSchema.safeParse(change).data?.value.metadata.phone_number_id ?? null,
        wabaId: id.safeParse(entry.id).data ?? null,
        change,
      })),
    );
  }

  /** Null when it is no webhook, or nested too deep to be written again. */
  static read(raw: Buffer): HookBody | null {
    try {
      const json: unknown = JSON.parse(raw.toString('utf8'));
      const envelope = envelopeSchema.safeParse(json);
      return envelope.success && !isDeeper(json) ? new HookBody(envelope.data) : null;
    } catch {
      return null;
    }
  }

  /** The same webhook with these of its changes alone. */
  only(wanted: readonly NamedChange[]): Buffer {
    const kept = new Set(wanted.map(({ change }) => change));
    const entry = this.envelope.entry
      .map((one) => ({ ...one, changes: one.changes.filter((change) => kept.has(change)) }))
      .filter(({ changes }) => changes.length > 0);
    return Buffer.from(JSON.stringify({ ...this.envelope, entry }));
  }
}
