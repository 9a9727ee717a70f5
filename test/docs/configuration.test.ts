import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { configSchema } from '../../runtime/config';

const page = readFileSync(path.join(__dirname, '../../docs/configuration.md'), 'utf8');
/** Rows of the tables, by their first cell: `KEY` | default | meaning. */
const rows = new Map(
  [...page.matchAll(/^\| `([A-Z_]+)`\s*\|([^|]*)\|/gm)].map(([, key, fallback]) => [
    key,
    fallback!.replaceAll('`', '').trim(),
  ]),
);
const keys = Object.keys(configSchema.shape);

test.each(keys)('%s is documented', (key) => {
  expect(rows.has(key)).toBe(true);
});

test('no key is documented that does not exist', () => {
  expect([...rows.keys()].filter((key) => !keys.includes(key!))).toEqual([]);
});

test.each(Object.entries(configSchema.parse({})))(
  'the documented default of %s is the one in force',
  (key, fallback) => {
    expect(rows.get(key)).toBe(String(fallback));
  },
);

/** Ports have the range that all ports have. */
const bounded = Object.entries(
  z.toJSONSchema(configSchema, { unrepresentable: 'any' }).properties ?? {},
).flatMap(([key, schema]) => {
  const most = typeof schema === 'object' ? (schema.maximum ?? Infinity) : Infinity;
  return most < Number.MAX_SAFE_INTEGER && !key.endsWith('_PORT') ? [[key, most] as const] : [];
});

test.each(bounded)('the documentation of %s says that it ends at %d', (key, most) => {
  expect(page).toMatch(new RegExp(`^\\| \`${key}\`.*\\b${most}\\b`, 'm'));
});
