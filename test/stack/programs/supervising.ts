import path from 'node:path';
import { createSupervisor } from '../../../stack/supervisor';

/** A supervisor that is killed by its test; says its program's id on standard output. */
const supervisor = createSupervisor(() => undefined);
void supervisor
  .start({
    name: 'orphan',
    entry: path.join(__dirname, 'main'),
    env: { NAME: 'orphan', STORY: process.argv[2] ?? '', PATH: process.env['PATH'] ?? '' },
    logFile: '/dev/null',
  })
  .then(() => process.stdout.write(`${supervisor.pids()['orphan']}\n`));
