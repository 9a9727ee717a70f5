import { otherSpelling, parsePhone } from './phone';

/**
 * Who wrote: a phone number, a business-scoped user id (BSUID), or both. WhatsApp hides the number of users who chose
 * a user name, and gives a user another BSUID when the number changes. At least one of the two is set.
 */
export interface Identity {
  /** E.164. */
  phone: string | null;
  bsuid: string | null;
}

export interface Person extends Identity {
  accountId: string;
  /** The name the customer chose; null when the provider did not say. */
  profileName: string | null;
}

/** Two identities of one account that cannot both hold: the same number with two BSUIDs, or the reverse. */
export class KnownPairs {
  private readonly bsuidOf = new Map<string, string>();
  private readonly phoneOf = new Map<string, string>();

  /** Remembers the pair and says whether it agrees with all before it; a pair that does not is not remembered. */
  agrees({ accountId, phone, bsuid }: Person): boolean {
    if (phone === null || bsuid === null) return true;
    const [byPhone, byBsuid] = [`${accountId} ${phone}`, `${accountId} ${bsuid}`];
    if ((this.bsuidOf.get(byPhone) ?? bsuid) !== bsuid) return false;
    if ((this.phoneOf.get(byBsuid) ?? phone) !== phone) return false;
    this.bsuidOf.set(byPhone, bsuid);
    this.phoneOf.set(byBsuid, phone);
    return true;
  }

  /** The person with whatever else is known by now, so that every mention of one person reads the same. */
  complete<P extends Person>(person: P): P {
    const { accountId } = person;
    return {
      ...person,
      phone: person.phone ?? this.phoneOf.get(`${accountId} ${person.bsuid}`) ?? null,
      bsuid: person.bsuid ?? this.bsuidOf.get(`${accountId} ${person.phone}`) ?? null,
    };
  }
}

/** One text per person of an account, for maps. */
export function personKey({ accountId, phone, bsuid }: Person): string {
  return `${accountId} ${phone ?? bsuid}`;
}

const BSUID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

export function isBsuid(text: string): boolean {
  return BSUID.test(text);
}

/** An address as people write it: a number in any formatting, or a BSUID; null when it is neither. */
export function parseBlockerAddress(text: string): string | null {
  return parsePhone(text) ?? (isBsuid(text) ? text : null);
}

/**
 * Where a new opt-out of somebody is kept: by number, as WhatsApp may spell it, or by BSUID for as long as the number is
 * hidden.
 */
export function optOutAddresses({ phone, bsuid }: Identity): string[] {
  const addresses = phone === null ? [bsuid] : [phone, otherSpelling(phone)];
  return addresses.filter((address) => address !== null);
}

/** Where opt-outs of somebody may be kept, the number first. */
export function blockerAddresses({ phone, bsuid }: Identity): string[] {
  const numbers = phone === null ? [] : optOutAddresses({ phone, bsuid });
  return bsuid === null ? numbers : [...numbers, bsuid];
}
