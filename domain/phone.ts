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
