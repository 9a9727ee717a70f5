/** Phone numbers in E.164: a plus, a country code that does not start with 0, 8 to 15 digits in all. */
export type E164 = string;

const E164_DIGITS = /^[1-9][0-9]{7,14}$/;
const SEPARATORS = /[\s().\-\u00a0]/g;

/**
 * Reads a number as people write it (`+1 (415) 555-2671`, `14155552671`) and returns it in E.164,
 * or null when it cannot be one. Country codes are never guessed.
 */
export function parsePhone(input: string): E164 | null {
  const digits = input.trim().replace(SEPARATORS, '').replace(/^\+/, '');
  return E164_DIGITS.test(digits) ? `+${digits}` : null;
}

/** The number without its plus: the form that providers and the Dexatel dialect show. */
export function phoneDigits(phone: E164): string {
  return phone.startsWith('+') ? phone.slice(1) : phone;
}

/** Brazil's ninth digit of mobile numbers, and Mexico's 1 before them: WhatsApp writes many without, or with. */
const SPELLINGS: readonly [RegExp, string][] = [
  [/^\+55([1-9][0-9])9([6-9][0-9]{7})$/, '+55$1$2'],
  [/^\+55([1-9][0-9])([6-9][0-9]{7})$/, '+55$19$2'],
  [/^\+521([2-9][0-9]{9})$/, '+52$1'],
  [/^\+52([2-9][0-9]{9})$/, '+521$1'],
];

/**
 * The other number that is the same WhatsApp user: somebody who was imported by one may write from the other. Null for
 * all countries in which a user has one.
 */
export function otherSpelling(phone: E164): E164 | null {
  const found = SPELLINGS.find(([pattern]) => pattern.test(phone));
  return found ? phone.replace(...found) : null;
}
