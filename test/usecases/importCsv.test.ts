import { CsvReader, splitCsv } from '../../usecases/importCsv';
import { LineReader } from '../../usecases/importLines';
import type { ImportRow } from '../../usecases/importRow';

function read(file: string | Buffer, chunkSize = 1_000_000): ImportRow[] {
  const bytes = Buffer.from(file);
  const lines = new LineReader();
  const reader = new CsvReader();
  const rows: ImportRow[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) {
    lines.push(bytes.subarray(at, at + chunkSize)).forEach((line) => reader.read(line, rows));
  }
  lines.end().forEach((line) => reader.read(line, rows));
  reader.finish(rows);
  return rows;
}

test.each([
  ['a,b', ['a', 'b']],
  ['', ['']],
  ['a,', ['a', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['"a""b"', ['a"b']],
  ['"",""', ['', '']],
  ['a"b,c', ['a"b', 'c']],
  ['"a', 'open'],
  ['"a"b', 'malformed'],
])('fields of %j', (text, cells) => {
  expect(splitCsv(text, ',')).toEqual(cells);
});

test('the rows do not depend on where the chunks end', () => {
  const file = Buffer.from(
    '\uFEFFnumber;first_name\r\n1;"Zoë ""Z""\r\nsecond line"\r\n\r\n2;x\0\r\n3;"open\r\n4;ok\r\n5;a;b\r\n6;"x"y\r\n7;😀',
  );
  const whole = read(file);
  expect(whole).toHaveLength(7);
  for (const size of [1, 2, 3, 5, 7, 16]) expect(read(file, size)).toEqual(whole);
});

test('quotes that open on every line cost bounded time and lose no line', () => {
  const file = `number,first_name\n${'1,"open\n'.repeat(2001)}`;
  const start = performance.now();
  const rows = read(file);
  expect(performance.now() - start).toBeLessThan(2000);
  expect(rows.every((row) => 'problem' in row && row.problem === 'quote')).toBe(true);
  expect(rows).toHaveLength(2001);
});
