import type { ContactInput } from '../domain/contact';
import { DomainError } from '../domain/errors';
import type { Line } from './importLines';
import { rowOf, type ImportRow, type RowReader } from './importRow';

/**
 * CSV after RFC 4180, read line by line. A quoted field may span lines; one that is not closed within these bounds
 * is reported on the line that opened it, and reading goes on with the next line. That is why this is not a general
 * CSV library: those swallow the rest of the file into the open field.
 */
const MAX_RECORD_LINES = 20;
const MAX_RECORD_CHARS = 64 * 1024;
const MAX_COLUMNS = 100;

/** Headings as people write them, compared in lower case with `_` for blanks and hyphens. */
const COLUMNS: Readonly<Record<string, string>> = {
  number: 'number',
  phone: 'number',
  phone_number: 'number',
  mobile: 'number',
  msisdn: 'number',
  tel: 'number',
  telephone: 'number',
  first_name: 'firstName',
  firstname: 'firstName',
  given_name: 'firstName',
  last_name: 'lastName',
  lastname: 'lastName',
  surname: 'lastName',
  custom1: 'custom1',
  timestamp: 'custom1',
  custom2: 'custom2',
  date: 'custom2',
  time_zone: 'timeZone',
  timezone: 'timeZone',
  tz: 'timeZone',
  tags: 'tags',
};

type Cells = readonly string[] | 'open' | 'malformed';

/** Fields of one record; `open` when a quoted field goes on in the next line. */
export function splitCsv(text: string, delimiter: string): Cells {
  if (!text.includes('"')) return text.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; ;) {
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at);
      if (end === -1) return [...cells, text.slice(at)];
      cells.push(text.slice(at, end));
      at = end + 1;
      continue;
    }
    const close = closingQuote(text, at + 1);
    if (close === -1) return 'open';
    cells.push(text.slice(at + 1, close).replaceAll('""', '"'));
    if (close + 1 === text.length) return cells;
    if (text[close + 1] !== delimiter) return 'malformed';
    at = close + 2;
  }
}

/** Index of the quote that ends a field; doubled quotes belong to the field. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

/** Reads the header from the first line. Throws `contact_number_required` when no column holds the number. */
export class CsvReader implements RowReader {
  private columns: Column[] | null = null;
  private delimiter = ',';
  /** Lines of a record whose quoted field is still open. */
  private open: Line[] = [];

  read(line: Line, rows: ImportRow[]): void {
    const queue = [line];
    for (let next = queue.shift(); next; next = queue.shift()) {
      queue.unshift(...this.step(next, rows));
    }
  }

  finish(rows: ImportRow[]): void {
    while (this.open.length > 0) {
      for (const line of this.giveUp(rows)) this.read(line, rows);
    }
    if (this.columns === null) throw headerError('The file is empty.');
  }

  /** Takes one line; returns lines that have to be read (again) on their own. */
  private step(line: Line, rows: ImportRow[]): Line[] {
    if (this.columns === null) {
      this.columns = this.header(line);
      return [];
    }
    if (this.open.length === 0) {
      if (line.problem) rows.push({ line: line.number, problem: line.problem });
      else if (line.text !== '') this.record(line, line.text, rows);
      return [];
    }
    const parts = [...this.open, line];
    const text = parts.map((part) => part.text).join('\n');
    const cells = line.problem ? 'malformed' : splitCsv(text, this.delimiter);
    const tooLong = parts.length > MAX_RECORD_LINES || text.length > MAX_RECORD_CHARS;
    if (cells === 'malformed' || tooLong) return [...this.giveUp(rows), line];
    this.open = cells === 'open' ? parts : [];
    if (cells !== 'open') rows.push(this.row(parts[0]!.number, cells));
    return [];
  }

  private record(line: Line, text: string, rows: ImportRow[]): void {
    const cells = splitCsv(text, this.delimiter);
    if (cells === 'open') this.open = [line];
    else if (cells === 'malformed') rows.push({ line: line.number, problem: 'quote' });
    else rows.push(this.row(line.number, cells));
  }

  /** Reports the line that opened the quote; the lines after it are rows of their own. */
  private giveUp(rows: ImportRow[]): Line[] {
    const [opener, ...rest] = this.open;
    this.open = [];
    if (opener) rows.push({ line: opener.number, problem: 'quote' });
    return rest;
  }

  private row(line: number, cells: readonly string[]): ImportRow {
    const columns = this.columns!;
    if (cells.length !== columns.length) return { line, problem: 'column_count' };
    const input: Record<string, string> = {};
    let attributes: Record<string, string> | undefined;
    for (let index = 0; index < cells.length; index += 1) {
      const value = cells[index]!.trim();
      const column = columns[index]!;
      if (value === '') continue;
      if (column.field !== null) input[column.field] = value;
      else (attributes ??= {})[column.name] = value;
    }
    const { tags, ...fields } = input;
    const contact: ContactInput = {
      ...fields,
      ...(tags !== undefined && { tags: tags.split(/[;|,]/).map((tag) => tag.trim()) }),
      ...(attributes && { attributes }),
    };
    return rowOf(line, contact);
  }

  private header(line: Line): Column[] {
    if (line.problem) throw headerError('The header is not readable text.');
    this.delimiter = delimiterOf(line.text);
    const cells = splitCsv(line.text, this.delimiter);
    if (typeof cells === 'string') throw headerError('The header has an open quote.');
    if (cells.length > MAX_COLUMNS) throw headerError(`More than ${MAX_COLUMNS} columns.`);
    const columns = cells.map(columnOf);
    const keys = columns.map(({ field, name }) => field ?? `attribute ${name}`);
    const twice = columns.find((_, index) => keys.indexOf(keys[index]!) !== index);
    if (twice) throw headerError(`The column "${twice.name}" appears twice.`);
    if (!keys.includes('number')) throw headerError('There is no column "number".');
    return columns;
  }
}

interface Column {
  /** Field of a contact; null for an attribute. */
  field: string | null;
  name: string;
}

function columnOf(heading: string): Column {
  const name = heading.trim();
  const plain = name.toLowerCase().replace(/[\s-]+/g, '_');
  return { field: Object.hasOwn(COLUMNS, plain) ? COLUMNS[plain]! : null, name: plain };
}

/** Spreadsheets of many countries write semicolons or tabs. */
function delimiterOf(header: string): string {
  const counts = [',', ';', '\t'].map((mark) => ({ mark, count: header.split(mark).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).mark;
}

function headerError(detail: string): DomainError {
  return new DomainError('contact_number_required', `Line 1: ${detail}`, { line: 1 });
}
