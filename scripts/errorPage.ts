import { describedApis } from '../api/app';
import type { ApiCode, ErrorEntry } from '../api/errors';
import { DOMAIN_CODES } from '../domain/errors';
import { FAILURE_RULES, failureRule, type FailureClass, type FailureRule } from '../domain/failure';

const CODES: readonly ApiCode[] = [...DOMAIN_CODES, 'internal_error'];

/** docs/errors.md, from the catalogues. */
export function errorPage(): string {
  return `# Errors

Printed from the catalogues by \`npm run errors\`; a test compares.

## What the API answers

One list of errors (\`domain/errors.ts\`), and for each API its own words: the HTTP status, what its clients tell errors
apart by, and its text. Where there is no text, the message names what is wrong with the value that was sent. An API
answers all of them, also those of nouns that it does not have: the list is one.

${apiTable()}

## What providers answer

What a provider says instead of "accepted" (\`domain/failure.ts\`). The code decides, and the HTTP status only where an
answer has no code. Whoever sends asks the rule what to do: a campaign's range, a retry, a single message.

${classTable()}

${failureTable()}
`;
}

function apiTable(): string {
  const apis = describedApis().filter(({ security }) => security !== undefined);
  const tables = [...new Set(apis.map(({ errors }) => errors))];
  const speakers = (errors: (typeof tables)[number]) =>
    apis.filter((api) => api.errors === errors).map(({ name }) => name);
  return table(
    ['error', ...tables.map((errors) => speakers(errors).join(', '))],
    CODES.map((code) => [`\`${code}\``, ...tables.map((errors) => answer(errors[code]))]),
  );
}

function answer({ status, code, text }: ErrorEntry): string {
  const words = [`${status}`, ...(code === status ? [] : [`\`${code}\``]), ...(text ? [text] : [])];
  return words.join(' ');
}

const CLASSES: Record<FailureClass, string> = {
  retry: 'This message may pass later.',
  slow_down: 'The sender is too fast: its rate is halved and grows back.',
  wait_pair: 'Too many messages to this one user; others are not concerned.',
  defer_day: 'This user had enough marketing for now: not before a day.',
  fail_recipient: 'Never for this recipient: the number or the user is the reason.',
  fail_content: 'The request is wrong. A campaign with too many of these pauses.',
  pause_campaign: 'Nothing with this template can pass until somebody acts: the campaign pauses.',
  halt_sender: 'Nothing from this number can pass until somebody acts: the sender halts.',
};

function classTable(): string {
  return table(
    ['class', 'what it means'],
    Object.entries(CLASSES).map(([name, meaning]) => [`\`${name}\``, meaning]),
  );
}

/** Any code that nobody described, and any permission code. */
const UNDESCRIBED = 999_999;
const PERMISSION = 200;

function failureTable(): string {
  const rows = FAILURE_RULES.map((rule) => [codeName(rule.code), ...ruleCells(rule)]);
  return table(
    ['code', 'what the provider says', 'class', 'what becomes of the message'],
    [
      ...rows,
      ['200 to 299', ...ruleCells(failureRule(PERMISSION))],
      ['any other', ...ruleCells(failureRule(UNDESCRIBED))],
    ],
  );
}

function codeName(code: number): string {
  if (code >= 0) return String(code);
  return code === -1 ? 'no connection' : `HTTP ${-code}`;
}

function ruleCells(rule: FailureRule): string[] {
  return [rule.title, `\`${rule.class}\``, fateOf(rule)];
}

function fateOf(rule: FailureRule): string {
  if (rule.recipient === 'fail') return 'it fails';
  if (rule.recipient === 'requeue') return 'it waits, untouched';
  const tries = rule.maxTries > 100 ? 'for a day at most' : `${rule.maxTries} tries at most`;
  return `again after ${delaysOf(rule)}; ${rule.costsTry ? tries : 'costs no try'}`;
}

/** The shortest and the longest first delay, and how far it grows. */
function delaysOf(rule: FailureRule): string {
  const [least, most] = [rule.retryDelayMs(1, 0), rule.retryDelayMs(1, 1)];
  const last = rule.retryDelayMs(Math.min(rule.maxTries - 1, 100), 1);
  return `${duration(least)} to ${duration(most)}${last > most ? `, growing to ${duration(last)}` : ''}`;
}

function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${seconds / 60} min` : `${seconds / 3600} h`;
}

/** A Markdown table whose columns are as wide as prettier makes them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length), 3),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...rows].map(line).join('\n');
}
