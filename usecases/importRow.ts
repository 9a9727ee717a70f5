import type { ContactInput } from '../domain/contact';
import type { Line } from './importLines';

/** Why a row was not imported, as the report names it. */
export const ROW_PROBLEMS = [
  'encoding',
  'quote',
  'json',
  'column_count',
  'number',
  'time_zone',
  'tags',
  'too_long',
  'attributes',
] as const;

export type RowProblem = (typeof ROW_PROBLEMS)[number];

/** One row of a file, by the line it starts on. */
export type ImportRow =
  { line: number; contact: ContactInput } | { line: number; problem: RowProblem };

export function rowOf(line: number, contact: ContactInput): ImportRow {
  return { line, contact };
}

/** Turns the lines of one format into rows. */
export interface RowReader {
  /** Appends the rows that this line completes. */
  read(line: Line, rows: ImportRow[]): void;
  /** Appends what was still open at the end of the file. */
  finish(rows: ImportRow[]): void;
}

/** What each problem means, for whoever repairs the file. */
export const PROBLEM_TEXTS: Readonly<Record<RowProblem, string>> = {
  encoding: 'The line is not valid UTF-8 text, or holds a NUL',
  quote: 'A quoted field is not closed, or text follows its closing quote',
  json: 'The line is not a JSON object of a contact',
  column_count: 'The row has more or fewer fields than the header',
  number: 'The number is missing, or is not an international phone number',
  time_zone: 'The time zone is not an IANA time zone',
  tags: 'More than 10 tags, or a tag above 45 characters',
  too_long: 'The line or one of its fields is too long',
  attributes: 'Too many attributes, or one is too long',
};
