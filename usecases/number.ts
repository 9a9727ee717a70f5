import { knownNumbers, saveChecks, type KnownNumber } from '../db/number';
import type { E164 } from '../domain/phone';
import type { NumberStatus } from '../domain/ports';
import { senderOfCaller } from './callerSender';
import type { Caller, Deps } from './deps';

/** What can be said of a number, and how it is known. */
export interface CheckedNumber {
  phone: E164;
  /** Null: nobody knows. */
  onWhatsApp: boolean | null;
  type: KnownNumber['type'];
  name: string | null;
  /** When that was so; null: nobody knows. */
  at: Date | null;
  /** `provider`: it was asked just now. `memory`: from an earlier check, or from messages. */
  source: 'provider' | 'memory' | 'unknown';
}

export type NumberDeps = Pick<Deps, 'db' | 'clock' | 'providerFor'>;

/**
 * Whether these numbers are on WhatsApp, in their order. A provider that can tell is asked, and what it says is
 * remembered; of all others, and while it cannot be reached, the account's memory is told with its age. Throws as
 * `senderOfCaller` does.
 */
export async function checkNumbers(
  deps: NumberDeps,
  caller: Caller,
  phones: readonly E164[],
): Promise<CheckedNumber[]> {
  const told = await ask(deps, caller, [...new Set(phones)]);
  const known = await knownNumbers(deps.db, caller.accountId, phones);
  return phones.map((phone) => checked(phone, known.get(phone), told.get(phone)));
}

interface Told {
  status: NumberStatus;
  at: Date;
}

async function ask(
  deps: NumberDeps,
  caller: Caller,
  phones: readonly E164[],
): Promise<Map<E164, Told>> {
  const provider = deps.providerFor(await senderOfCaller(deps, caller));
  const outcome = await provider.checkNumbers?.(phones);
  if (outcome?.kind !== 'done') return new Map();
  const at = deps.clock.now().toJSDate();
  await saveChecks(deps.db, caller.accountId, outcome.numbers, at);
  return new Map(outcome.numbers.map((status) => [status.phone, { status, at }]));
}

function checked(
  phone: E164,
  known: KnownNumber | undefined,
  told: Told | undefined,
): CheckedNumber {
  if (told !== undefined) {
    const { onWhatsApp, type, displayName } = told.status;
    const name = displayName ?? known?.name ?? null;
    return { phone, onWhatsApp, type, name, at: told.at, source: 'provider' };
  }
  if (known !== undefined) return { ...known, source: 'memory' };
  return { phone, onWhatsApp: null, type: null, name: null, at: null, source: 'unknown' };
}
