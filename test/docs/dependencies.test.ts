import { readFileSync } from 'node:fs';
import path from 'node:path';
import manifest from '../../package.json';

const page = readFileSync(path.join(__dirname, '../../docs/dependencies.md'), 'utf8');
const listed = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);

test('every dependency has its reason, and no other package has one', () => {
  const used = { ...manifest.dependencies, ...manifest.devDependencies };
  expect(new Set(listed)).toEqual(new Set(Object.keys(used)));
});
