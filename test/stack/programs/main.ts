import { appendFileSync } from 'node:fs';
import { announceReady, onShutdown } from '../../../stack/child';

/** A program for the supervisor's tests: serves until stopped and writes what happened to a file. */
const file = process.env['STORY'] ?? '/dev/null';
const name = process.env['NAME'] ?? '';

onShutdown(async () => appendFileSync(file, `${name} stopped\n`));
appendFileSync(file, `${name} started\n`);
setInterval(() => undefined, 60_000);
announceReady();
