import { request } from 'node:http';
import { buildAudience } from '../../support/build';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { startApi, type TestApi } from '../../support/api';

let database: TestDatabase;
let api: TestApi;
let accountId: string;
let audienceId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ id: accountId } = await database.db
    .insertInto('accounts')
    .values({ name: 'Test' })
    .returning('id')
    .executeTakeFirstOrThrow());
  api = await startApi(database.db, { accountId });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

beforeEach(async () => {
  audienceId = await buildAudience(database.db, accountId, 0);
});

const csv = (body: string | Buffer, type = 'text/csv') =>
  api.call('POST', `/v1/audiences/${audienceId}/import`, body, { 'Content-Type': type });

const ndjson = (body: string) => csv(body, 'application/x-ndjson');

async function contacts(search = '') {
  const query = search === '' ? '' : `?filter[search]=${encodeURIComponent(search)}`;
  const { body } = await api.call('GET', `/v1/audiences/${audienceId}/contacts${query}`);
  return body.data;
}

const counts = (body: { data: Record<string, unknown> }) => {
  const { errors: _errors, ...rest } = body.data;
  return rest;
};

test('every row is counted once: new, known, repeated or rejected with its line', async () => {
  await api.call('POST', `/v1/audiences/${audienceId}/contacts`, {
    data: { number: '15550200001', first_name: 'Known' },
  });
  const { status, body } = await csv(
    [
      'number,first_name,time_zone',
      '+1 (555) 020-0001,Renamed,Europe/Berlin',
      '15550200002,First,',
      '15550200002,Second,',
      'not a number,Nobody,',
      '15550200003,Too,many,fields',
      '15550200004,Zoned,Mars/Olympus',
      '',
      '15550200005,Last,UTC',
    ].join('\n'),
  );
  expect(status).toBe(200);
  expect(counts(body)).toEqual({ accepted: 2, updated: 1, duplicates: 1, rejected: 3 });
  expect(
    body.data.errors.map(({ line, code }: { line: number; code: string }) => [line, code]),
  ).toEqual([
    [5, 'number'],
    [6, 'column_count'],
    [7, 'time_zone'],
  ]);
  const people = await contacts();
  expect(people.map((one: { first_name: string }) => one.first_name).toSorted()).toEqual([
    'Last',
    'Renamed',
    'Second',
  ]);
  const audience = await api.call('GET', `/v1/audiences/${audienceId}`);
  expect(audience.body.data.contacts_count).toBe(3);
});

test('a file from a spreadsheet: byte order mark, CRLF, semicolons, other headings, quotes, attributes', async () => {
  const { body } = await csv(
    '\uFEFF"Phone Number";First-Name;tags;Favourite Colour\r\n' +
      '15550300001;"O""Neil; Ann";vip|new;green\r\n' +
      '15550300002;"two\r\nlines";;\r\n',
  );
  expect(counts(body)).toEqual({ accepted: 2, updated: 0, duplicates: 0, rejected: 0 });
  // The two statements that share a batch race, so their rows' order is not the file's.
  const people = (await contacts()) as { number: string; first_name: string }[];
  const [ann, two] = people.toSorted((one, other) => (one.number < other.number ? -1 : 1));
  expect(ann).toMatchObject({
    number: '15550300001',
    first_name: 'O"Neil; Ann',
    tags: ['vip', 'new'],
    attributes: { favourite_colour: 'green' },
  });
  expect(two?.first_name).toMatch(/^two\r?\nlines$/);
});

test('broken bytes cost their own line only', async () => {
  const { body } = await csv(
    Buffer.concat([
      Buffer.from('number,first_name\n15550400001,Good\n15550400002,'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('\n15550400003,NUL\0\n15550400004,Zoë\n'),
    ]),
  );
  expect(counts(body)).toEqual({ accepted: 2, updated: 0, duplicates: 0, rejected: 2 });
  expect(body.data.errors).toMatchObject([
    { line: 3, code: 'encoding' },
    { line: 4, code: 'encoding' },
  ]);
});

test('an open quote is reported where it opens and does not swallow the rows after it', async () => {
  const rows = Array.from({ length: 30 }, (_, index) => `155505000${10 + index},Fine`);
  const { body } = await csv(['number,first_name', '15550500001,"Open', ...rows].join('\n'));
  expect(counts(body)).toEqual({ accepted: 30, updated: 0, duplicates: 0, rejected: 1 });
  expect(body.data.errors).toMatchObject([{ line: 2, code: 'quote' }]);
});

test('importing the same file again changes nothing but updates', async () => {
  const file = 'number\n15550600001\n15550600002\n';
  expect(counts((await csv(file)).body)).toMatchObject({ accepted: 2, updated: 0 });
  expect(counts((await csv(file)).body)).toMatchObject({ accepted: 0, updated: 2 });
});

test('newline-delimited JSON, with its own broken lines', async () => {
  const { body } = await ndjson(
    [
      '{"number":"15550700001","first_name":"Ann","city":"Oslo","score":7}',
      '{"number":15550700002,"tags":["a"]}',
      '{"number":"15550700003"',
      '[]',
      '{"number":"15550700004","nested":{"a":1}}',
      '{"first_name":"No number"}',
    ].join('\n'),
  );
  expect(counts(body)).toEqual({ accepted: 2, updated: 0, duplicates: 0, rejected: 4 });
  expect(body.data.errors.map(({ code }: { code: string }) => code)).toEqual([
    'json',
    'json',
    'attributes',
    'number',
  ]);
  expect(await contacts('ann')).toMatchObject([{ attributes: { city: 'Oslo', score: '7' } }]);
});

test.each([
  ['an empty file', '', 'text/csv', 400, 1353],
  ['a header without the number', 'name,age\nAnn,7\n', 'text/csv', 400, 1353],
  ['a repeated heading', 'number,phone\n1,2\n', 'text/csv', 400, 1353],
  ['another format', '<xml/>', 'application/xml', 415, 415],
])('%s is refused', async (_what, body, type, status, code) => {
  const answer = await csv(body, type);
  expect([answer.status, answer.body.errors[0].code]).toEqual([status, code]);
});

test('50,000 rows, repeats across batches included, are all accounted for', async () => {
  const rows = Array.from(
    { length: 50_000 },
    (_, index) => `1556${1000000 + (index % 45_000)},N${index}`,
  );
  const { body } = await csv(`number,first_name\n${rows.join('\n')}\n`);
  expect(counts(body)).toEqual({ accepted: 45_000, updated: 0, duplicates: 5_000, rejected: 0 });
  const last = await contacts('15561000000');
  expect(last).toMatchObject([{ first_name: 'N45000' }]);
});

test('a line without an end is rejected without being kept', async () => {
  const long = 'x'.repeat(3 * 1024 * 1024);
  const { body } = await csv(`number,first_name\n15550900001,${long}\n15550900002,Fine\n`);
  expect(counts(body)).toEqual({ accepted: 1, updated: 0, duplicates: 0, rejected: 1 });
  expect(body.data.errors).toMatchObject([{ line: 2, code: 'too_long' }]);
});

test('what arrived before the connection broke is imported', async () => {
  const upload = request(`${api.url}/v1/audiences/${audienceId}/import`, {
    method: 'POST',
    headers: { 'X-Dexatel-Key': api.key, 'Content-Type': 'text/csv', 'Content-Length': 1_000_000 },
  });
  const broken = new Promise((resolve) => upload.on('error', resolve));
  await new Promise((resolve) => upload.write('number\n15551000001\n15551000002\n1555', resolve));
  await new Promise((resolve) => setTimeout(resolve, 200));
  upload.destroy(new Error('broken'));
  await broken;
  const deadline = Date.now() + 5000;
  while ((await contacts()).length < 2 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const found = await contacts();
  expect(found.map((one: { number: string }) => one.number)).toEqual([
    '15551000001',
    '15551000002',
  ]);
});

test('a number is found in any formatting', async () => {
  await csv('number,first_name,last_name\n15550800001,Ann,Lee\n');
  for (const search of ['+1 (555) 080', '0800001', 'ann l', 'LEE']) {
    expect(await contacts(search)).toHaveLength(1);
  }
  expect(await contacts('%')).toHaveLength(0);
});
