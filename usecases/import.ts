import { randomUUID } from 'node:crypto';
import { saveBatch, type BatchTarget } from '../db/contactBatch';
import type { Db } from '../db/connect';
import { validateContact, type ValidContact } from '../domain/contact';
import { DomainError, type DomainCode } from '../domain/errors';
import { mustFindAudience } from './audience';
import type { Caller, Deps } from './deps';
import { CsvReader } from './importCsv';
import { LineReader } from './importLines';
import { NdjsonReader } from './importNdjson';
import { PROBLEM_TEXTS, type ImportRow, type RowProblem } from './importRow';

export type ImportFormat = 'csv' | 'ndjson';

/** What became of every row: `accepted + updated + duplicates + rejected` is the number of rows. */
export interface ImportReport {
  /** Newly on the audience. */
  accepted: number;
  /** On the audience before; its fields are now as the file says. */
  updated: number;
  /** Numbers that the file repeats; the last row wins. */
  duplicates: number;
  rejected: number;
  /** The first of the rejected rows, by line. */
  errors: { line: number; code: RowProblem; message: string }[];
}

/** Rows per batch: large enough that a statement's own cost vanishes, small enough to keep memory flat. */
const BATCH = 8000;
/** Statements that share a batch at once: the database spends six times as long on a row as parsing it takes. */
const LANES = 2;
const MAX_ERRORS = 100;

/**
 * Imports a file of any size in bounded memory: one batch is written while the next is parsed, and reading waits when
 * the database is slower. Each batch commits on its own. A broken connection leaves what was imported until
 * then; importing the file again completes it. Rows that cannot be imported are reported, never dropped.
 */
export async function importContacts(
  deps: Deps,
  caller: Caller,
  audienceId: string,
  file: { format: ImportFormat; content: AsyncIterable<Buffer> },
): Promise<ImportReport> {
  const audience = await mustFindAudience(deps.db, caller, audienceId);
  const target = { accountId: caller.accountId, audienceId: audience.id, importId: randomUUID() };
  const writer = new BatchWriter(deps.db, target);
  const lines = new LineReader();
  const reader = file.format === 'csv' ? new CsvReader() : new NdjsonReader();
  try {
    for await (const chunk of file.content) {
      const rows: ImportRow[] = [];
      for (const line of lines.push(chunk)) reader.read(line, rows);
      for (const row of rows) {
        if (writer.add(row)) await writer.flush();
      }
    }
    const rows: ImportRow[] = [];
    for (const line of lines.end()) reader.read(line, rows);
    reader.finish(rows);
    rows.forEach((row) => writer.add(row));
  } catch (error) {
    // What was read completely is kept; the failure itself is the one to tell.
    await writer.finish().catch(() => undefined);
    throw error;
  }
  return writer.finish();
}

class BatchWriter {
  private readonly report: ImportReport = {
    accepted: 0,
    updated: 0,
    duplicates: 0,
    rejected: 0,
    errors: [],
  };
  private readonly zones = new Map<string, string | null>();
  private batch = new Map<string, ValidContact>();
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Db,
    private readonly target: BatchTarget,
  ) {}

  /** True when the batch is full. */
  add(row: ImportRow): boolean {
    if ('problem' in row) this.reject(row.line, row.problem);
    else this.take(row);
    return this.batch.size >= BATCH;
  }

  /** Hands the batch to the database, as soon as the one before is written. */
  async flush(): Promise<void> {
    await this.writing;
    if (this.batch.size === 0) return;
    const contacts = [...this.batch.values()];
    this.batch = new Map();
    this.writing = this.write(contacts);
    // A failure is met at the next flush; until then it must not count as unhandled.
    this.writing.catch(() => undefined);
  }

  async finish(): Promise<ImportReport> {
    await this.flush();
    await this.writing;
    return this.report;
  }

  /** The lanes of one batch have no number in common, so the last row of a number still wins. */
  private async write(contacts: ValidContact[]): Promise<void> {
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      contacts.filter((_contact, index) => index % LANES === lane),
    ).filter((lane) => lane.length > 0);
    const results = await Promise.allSettled(
      lanes.map((lane) => saveBatch(this.db, this.target, lane)),
    );
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason;
      this.report.accepted += result.value.added;
      this.report.updated += result.value.updated;
      this.report.duplicates += result.value.repeated;
    }
  }

  private take(row: { line: number; contact: Parameters<typeof validateContact>[0] }): void {
    try {
      const contact = validateContact(row.contact, this.zones);
      const earlier = this.batch.get(contact.phone);
      if (earlier) this.report.duplicates += 1;
      this.batch.set(contact.phone, earlier ? merge(earlier, contact) : contact);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.reject(row.line, PROBLEM_OF[error.code] ?? 'encoding');
    }
  }

  private reject(line: number, code: RowProblem): void {
    this.report.rejected += 1;
    if (this.report.errors.length < MAX_ERRORS) {
      this.report.errors.push({ line, code, message: PROBLEM_TEXTS[code] });
    }
  }
}

/** The later row wins, field by field, exactly as it would in a batch of its own. */
function merge(earlier: ValidContact, later: ValidContact): ValidContact {
  return {
    phone: later.phone,
    firstName: later.firstName ?? earlier.firstName,
    lastName: later.lastName ?? earlier.lastName,
    custom1: later.custom1 ?? earlier.custom1,
    custom2: later.custom2 ?? earlier.custom2,
    timeZone: later.timeZone ?? earlier.timeZone,
    tags: later.tags ?? earlier.tags,
    attributes:
      later.attributes && earlier.attributes
        ? { ...earlier.attributes, ...later.attributes }
        : (later.attributes ?? earlier.attributes),
  };
}

/** A contact's broken rule, in the words of the report. */
const PROBLEM_OF: Partial<Record<DomainCode, RowProblem>> = {
  contact_number_required: 'number',
  contact_number_invalid: 'number',
  contact_number_too_long: 'too_long',
  contact_first_name_too_long: 'too_long',
  contact_last_name_too_long: 'too_long',
  contact_custom1_too_long: 'too_long',
  contact_custom2_too_long: 'too_long',
  contact_time_zone_invalid: 'time_zone',
  contact_too_many_tags: 'tags',
};
