import { InvalidArgumentError } from 'commander';

/** Parsers of options and arguments, for commander: what they throw it shows under the option's name. */

/** Dates end, and a key for a century is one for good. */
const MOST_DAYS = 36_500;

export function nonEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

/** Empty as it came: an empty variable counts as absent. */
export function webAddress(text: string): string {
  const known = text === '' || /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : '');
  if (!known) throw new InvalidArgumentError('An http or https address is needed.');
  return text;
}

export function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number))) {
    throw new InvalidArgumentError('A positive number is needed.');
  }
  return number;
}

export function days(text: string): number {
  const number = positive(text);
  if (number > MOST_DAYS) throw new InvalidArgumentError(`At most ${MOST_DAYS} days.`);
  return number;
}
