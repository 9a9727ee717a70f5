import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { z } from 'zod';
import { apiClient, withApiOptions, type ApiOptions } from '../api';

const reportSchema = z.object({
  accepted: z.number(),
  updated: z.number(),
  duplicates: z.number(),
  rejected: z.number(),
  errors: z.array(z.object({ line: z.number(), code: z.string(), message: z.string() })),
});

export function register(program: Command): void {
  const audience = program.command('audience').description('contact lists');
  withApiOptions(audience.command('import <id> <file>'))
    .description('import contacts from a .csv or .ndjson file of any size')
    .action(importFile);
}

async function importFile(id: string, file: string, options: ApiOptions): Promise<void> {
  const api = await apiClient(options);
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new Error(`${file} cannot be read.`, { cause });
  });
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value}/{total} MB | {eta_formatted}',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 2_000,
  });
  const megabytes = (bytes: number) => Math.ceil(bytes / 1e5) / 10;
  bar.start(megabytes(size), 0);
  let sent = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      bar.update(megabytes(sent));
      done(null, chunk);
    },
  });
  const type = /\.(ndjson|jsonl)$/i.test(file) ? 'application/x-ndjson' : 'text/csv';
  const source = createReadStream(file);
  source.on('error', (error) => counter.destroy(error));
  try {
    const content = source.pipe(counter);
    const data = await api.upload(`/v1/audiences/${encodeURIComponent(id)}/import`, type, content);
    bar.stop();
    print(reportSchema.parse(data));
  } finally {
    bar.stop();
  }
}

function print(report: z.infer<typeof reportSchema>): void {
  const { errors, ...counts } = report;
  console.log(
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join('  '),
  );
  for (const { line, code, message } of errors) console.log(`line ${line}: ${code}: ${message}`);
  const hidden = report.rejected - errors.length;
  if (hidden > 0) console.log(`and ${hidden} more`);
}
