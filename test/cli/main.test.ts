import { execFileSync } from 'node:child_process';
import path from 'node:path';
import manifest from '../../package.json';

test('casement --version', () => {
  const program = path.join(__dirname, '../../bin/casement.js');
  const output = execFileSync(process.execPath, [program, '--version'], { encoding: 'utf8' });
  expect(output.trim()).toBe(manifest.version);
});
