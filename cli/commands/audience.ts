import type { ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { z } from 'zod';
import { apiClient, understand, withApiOptions, type ApiOptions } from '../api';
import { nonEmpty } from '../arguments';
import { reasonOf } from '../../domain/reason';

const reportSchema = z.object({
  accepted: z.number(),
  updated: z.number(),
  duplicates: z.number(),
  rejected: z.number(),
  errors: z.array(z.object({ line: z.number(), code: z.string(), message: z.string() })),
});

export function register(program: Command): void {
  const audience = program.command('audience').description('contact lists');
  withApiOptions(audience.command('import'))
    .argument('<id>', 'id of the audience', nonEmpty)
    .argument('<file>', 'where the contacts are')
    .description('import contacts from a .csv or .ndjson file of any size')
    .action(importFile);
}

async function importFile(id: string, file: string, options: ApiOptions): Promise<void> {
  const api = await apiClient(options);
  const { source, size } = await openFile(file);
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
  source.on('error', (error) => counter.destroy(error));
  try {
    const content = source.pipe(counter);
    const data = await api.upload(`/v1/audiences/${encodeURIComponent(id)}/import`, type, content);
    bar.stop();
    print(understand(reportSchema, data));
  } finally {
    bar.stop();
  }
}

/** Before anything is sent: what cannot be read is not the API's fault. */
async function openFile(file: string): Promise<{ source: ReadStream; size: number }> {
  const handle = await open(file).catch((cause: unknown) => {
    throw new Error(`${file} cannot be read: ${reasonOf(cause)}`, { cause });
  });
  const stats = await handle.stat();
  if (stats.isDirectory()) {
    await handle.close();
    throw new Error(`${file} is a folder, not a file.`);
  }
  return { source: handle.createReadStream(), size: stats.size };
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
