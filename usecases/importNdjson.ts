import { z } from 'zod';
import type { ContactInput } from '../domain/contact';
import type { Line } from './importLines';
import { rowOf, type ImportRow, type RowReader } from './importRow';

const text = z.union([z.string(), z.number().transform(String)]).nullish();

const schema = z.looseObject({
  number: text,
  first_name: text,
  last_name: text,
  custom1: text,
  timestamp: text,
  custom2: text,
  date: text,
  time_zone: text,
  tags: z.array(z.string()).nullish(),
});

/** Each line is a JSON object with the fields of a contact; its other fields are attributes. */
export class NdjsonReader implements RowReader {
  read(line: Line, rows: ImportRow[]): void {
    if (line.problem) rows.push({ line: line.number, problem: line.problem });
    else if (line.text.trim() !== '') rows.push(readRow(line));
  }

  finish(): void {
    // Every line stands alone: nothing can be open.
  }
}

function readRow(line: Line): ImportRow {
  const parsed = schema.safeParse(parseJson(line.text));
  if (!parsed.success) return { line: line.number, problem: 'json' };
  const {
    number,
    first_name,
    last_name,
    custom1,
    timestamp,
    custom2,
    date,
    time_zone,
    tags,
    ...rest
  } = parsed.data;
  const attributes = attributesOf(rest);
  if (attributes === null) return { line: line.number, problem: 'attributes' };
  const contact: ContactInput = {
    number: number ?? undefined,
    firstName: first_name ?? undefined,
    lastName: last_name ?? undefined,
    custom1: custom1 ?? timestamp ?? undefined,
    custom2: custom2 ?? date ?? undefined,
    timeZone: time_zone ?? undefined,
    tags: tags ?? undefined,
    attributes,
  };
  return rowOf(line.number, contact);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Scalars become text; anything nested is no attribute. Null when there is one. */
function attributesOf(rest: Record<string, unknown>): Record<string, string> | undefined | null {
  const entries: [string, string][] = [];
  for (const [key, value] of Object.entries(rest)) {
    if (value === null) continue;
    if (typeof value === 'string') entries.push([key, value]);
    else if (typeof value === 'number' || typeof value === 'boolean')
      entries.push([key, `${value}`]);
    else return null;
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
