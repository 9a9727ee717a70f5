import { readFileSync } from 'node:fs';
import path from 'node:path';
import { errorPage } from '../../scripts/errorPage';

test('docs/errors.md is what the catalogues say; npm run errors writes it', () => {
  const page = readFileSync(path.join(__dirname, '../../docs/errors.md'), 'utf8');
  expect(page).toBe(errorPage());
});
