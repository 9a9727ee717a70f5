import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { errorPage } from './errorPage';

writeFileSync(path.join(__dirname, '..', 'docs', 'errors.md'), errorPage());
