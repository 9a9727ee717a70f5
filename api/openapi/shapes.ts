/**
 * How the document says what schemas check by functions: for `.meta(…)`. Where a check is finer than JSON Schema can say,
 * these let through more, never less.
 */

const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f';

/** One line of text, not blank. */
export const PLAIN = { minLength: 1, pattern: `^[^${CONTROL}]*[^\\s${CONTROL}][^${CONTROL}]*$` };

/** Text that is not blank. */
export const NOT_BLANK = { minLength: 1, pattern: '\\S' };

export const UUID = {
  format: 'uuid',
  pattern: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$',
};

const BETWEEN_DIGITS = '[\\s().\\u00a0-]*';

/** A number as people write it, with its country code (`parsePhone`). */
export const PHONE = {
  pattern: `^${BETWEEN_DIGITS}\\+?${BETWEEN_DIGITS}[1-9](${BETWEEN_DIGITS}[0-9]){7,14}${BETWEEN_DIGITS}$`,
  examples: ['14155552671'],
};

/** The same as a JSON number. */
export const PHONE_NUMBER = { type: 'integer', minimum: 10_000_000, maximum: 999_999_999_999_999 };

/** One of these words, in upper or lower case. */
export function anyCase(words: readonly string[], options: { empty?: boolean } = {}) {
  const choices = words.map((word) =>
    word.replace(/[A-Za-z]/g, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`),
  );
  return {
    pattern: `^(${[...choices, ...(options.empty ? [''] : [])].join('|')})$`,
    examples: [words[0]],
  };
}

/** Some of these words with commas between them, in upper or lower case. */
export function commaList(words: readonly string[]) {
  const { pattern } = anyCase(words);
  const word = `\\s*${pattern.slice(1, -1)}\\s*`;
  return { pattern: `^(${word}(,${word})*)?$`, examples: [words[0]] };
}
