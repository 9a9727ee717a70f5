import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ERRORS } from '../../../api/dialects/dexatel/errors';
import { DOMAIN_CODES } from '../../../domain/errors';
import { buildWorld, type World } from '../../support/build';
import { startApi, type TestApi } from '../../support/api';
import { createTestDatabase, type TestDatabase } from '../../support/database';

const ABSENT = '00000000-0000-4000-8000-000000000000';

let database: TestDatabase;
let api: TestApi;
let world: World;
let foreign: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await buildWorld(database.db, { recipients: 3 });
  await database.db
    .updateTable('campaigns')
    .set({ name: 'Taken', status: 'completed' })
    .where('id', '=', world.campaign.id)
    .execute();
  api = await startApi(database.db, { accountId: world.accountId });
  const other = await database.db
    .insertInto('accounts')
    .values({ name: 'Other' })
    .returning('id')
    .executeTakeFirstOrThrow();
  foreign = await startApi(database.db, { accountId: other.id });
});

afterAll(async () => {
  await api.close();
  await foreign.close();
  await database.drop();
});

/** A documented exchange; `<name>` in the request stands for something of the test's world. */
function fixture(name: string): { request: { data: Record<string, unknown> }; response: object } {
  const file = path.join(__dirname, '..', '..', 'fixtures', 'dexatel', `${name}.json`);
  const text = readFileSync(file, 'utf8')
    .replaceAll('<template>', world.template.id)
    .replaceAll('<audience>', world.audienceId)
    .replaceAll('<sender>', world.sender.name);
  return JSON.parse(text);
}

const campaign = (changes: Record<string, unknown> = {}) => ({
  data: {
    channel: 'whatsapp',
    from: world.sender.name,
    template: world.template.id,
    audience: world.audienceId,
    schedule: '2999-03-01 09:00:00',
    ...changes,
  },
});

test.each(['campaign-create', 'audience-create', 'template-create', 'sender-create'])(
  'the documented exchange %s',
  async (name) => {
    const noun = name.split('-')[0]!;
    const { request, response } = fixture(name);
    const answer = await api.call('POST', `/v1/${noun}s`, request);
    expect(answer.body).toMatchObject(response);
    expect(answer.status).toBe(201);
    const again = await api.call('GET', `/v1/${noun}s/${answer.body.data.id}`);
    expect(again.body.data).toEqual(answer.body.data);
    const list = await api.call('GET', `/v1/${noun}s?filter[channel]=whatsapp`);
    expect(list.body.data.map(({ id }: { id: string }) => id)).toContain(answer.body.data.id);
    expect(list.body.pagination).toMatchObject({ number: 1, size: 20 });
  },
);

/** label, changes of a good request, status, code */
const BAD_CAMPAIGNS: [string, Record<string, unknown>, number, number][] = [
  ['no sender', { from: undefined }, 400, 1603],
  ['empty sender', { from: ' ' }, 400, 1603],
  ['sender of another type', { from: ['MyBusiness'] }, 400, 1604],
  ['sender with a NUL', { from: 'My\0Business' }, 400, 1604],
  ['unknown sender', { from: 'Nobody' }, 400, 1604],
  ['no audience', { audience: null }, 400, 1605],
  ['audience that is no uuid', { audience: 'x' }, 400, 1606],
  ['unknown audience', { audience: ABSENT }, 400, 1616],
  ['no template', { template: undefined }, 400, 1607],
  ['template that is no uuid', { template: {} }, 400, 1608],
  ['unknown template', { template: ABSENT }, 400, 1616],
  ['no channel', { channel: undefined }, 400, 1515],
  ['another channel', { channel: 'SMS' }, 400, 1515],
  ['schedule of another type', { schedule: 7 }, 400, 1609],
  ['schedule in ISO 8601', { schedule: '2999-03-01T09:00:00Z' }, 400, 1609],
  ['30 February', { schedule: '2999-02-30 09:00:00' }, 400, 1609],
  ['hour 24', { schedule: '2999-03-01 24:00:00' }, 400, 1609],
  ['second 60', { schedule: '2999-03-01 10:00:60' }, 400, 1609],
  ['empty schedule', { schedule: '' }, 400, 1609],
  ['schedule in the past', { schedule: '2020-03-01 09:00:00' }, 400, 1522],
  ['empty name', { name: '  ' }, 400, 1631],
  ['name of 46 characters', { name: 'x'.repeat(46) }, 400, 1631],
  ['name with a line break', { name: 'a\nb' }, 400, 1631],
  ['name with a lone surrogate', { name: 'a\ud800' }, 400, 1631],
  ['name that exists', { name: 'Taken' }, 409, 1614],
  ['variables of a wrong shape', { variables: { a: { b: 1 } } }, 400, 400],
  ['a rate beyond reason', { rate_per_second: 1e300 }, 400, 400],
];

test.each(BAD_CAMPAIGNS)('campaign with %s', async (_label, changes, status, code) => {
  await expectError(await api.call('POST', '/v1/campaigns', campaign(changes)), status, code);
});

test('an emoji counts as one character of a name', async () => {
  const answer = await api.call('POST', '/v1/campaigns', campaign({ name: '🎉'.repeat(45) }));
  expect(answer.status).toBe(201);
});

test('rescheduling, cancelling by status, and what is no longer possible then', async () => {
  const created = await api.call('POST', '/v1/campaigns', campaign());
  const at = `/v1/campaigns/${created.body.data.id}`;
  const moved = await api.call('PUT', at, { data: { schedule: '2999-03-02 10:00:00' } });
  expect(moved.body.data).toMatchObject({ status: 'scheduled', schedule: '2999-03-02 10:00:00' });
  await expectError(await api.call('PUT', at, { data: { status: 'completed' } }), 409, 1611);
  const canceled = await api.call('PUT', at, { data: { status: 'canceled' } });
  expect(canceled.body.data.status).toBe('canceled');
  const late = await api.call('PUT', at, { data: { schedule: '2999-03-02 10:00:00' } });
  await expectError(late, 409, 1611);
  expect((await api.call('DELETE', at)).status).toBe(204);
  await expectError(await api.call('GET', at), 404, 1601);
});

test('pausing shows in_progress with the extension, resuming and cancelling answer exact counts', async () => {
  const created = await api.call('POST', '/v1/campaigns', campaign());
  const at = `/v1/campaigns/${created.body.data.id}`;
  const paused = await api.call('POST', `${at}/pause`);
  expect(paused.body.data).toMatchObject({ status: 'in_progress', paused: true, in_flight: 0 });
  const shown = await api.call('GET', at);
  expect(shown.body.data).toMatchObject({
    status: 'in_progress',
    paused: true,
    paused_reason: 'requested',
  });
  const canceled = await api.call('POST', `${at}/cancel`);
  expect(canceled.body.data).toMatchObject({ status: 'canceled', progress: { total: 0 } });
  await expectError(await api.call('POST', `${at}/resume`), 409, 1611);
});

test('reports of a campaign', async () => {
  const at = `/v1/campaigns/${world.campaign.id}`;
  const analytics = await api.call('GET', `${at}/analytics`);
  expect(analytics.body.data.messages).toEqual({
    total: 0,
    sent: 0,
    delivered: 0,
    read: 0,
    failed: 0,
  });
  const recipients = await api.call('GET', `${at}/recipients?state=sent`);
  expect(recipients.body).toMatchObject({ data: [], pagination: { total: 0 } });
  await expectError(await api.call('GET', `${at}/recipients?state=x`), 400, 400);
  const csv = await api.call('GET', `${at}/recipients`, undefined, { Accept: 'text/csv' });
  expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
  expect(csv.body).toMatch(/^position,number,state,/);
  const preflight = await api.call('POST', `${at}/preflight`);
  expect(preflight.body.data).toMatchObject({ total: 3, will_send: 3, test_send: null });
  const copy = await api.call('POST', `${at}/duplicate`, { data: { name: 'A copy' } });
  expect(copy.body.data).toMatchObject({ name: 'A copy', template_id: world.template.id });
});

const contact = (changes: object) => ({ data: { number: '15551112222', ...changes } });
const audience = (changes: object) => ({ data: { name: 'New', channel: 'WHATSAPP', ...changes } });
const template = (changes: object) => ({
  data: {
    channel: 'WHATSAPP',
    name: 'news',
    text: 'Hi',
    wa_sender_code: 'MyBusiness',
    wa_category: 'MARKETING',
    ...changes,
  },
});
const provider = {
  kind: 'cloud_api',
  base_url: 'https://x.example',
  phone_number_id: '1',
  token: 't',
};
const sender = (changes: object) => ({
  data: { name: 'Second', channel: 'WHATSAPP', phone: '15550009999', provider, ...changes },
});

/** label, method, path (A: audience, S: sender, T: template of the world), body, status, code */
const BAD_REQUESTS: [string, string, string, unknown, number, number][] = [
  ['no JSON', 'POST', '/v1/campaigns', '{"data":', 400, 1005],
  ['broken UTF-8', 'POST', '/v1/campaigns', Buffer.from([0x7b, 0xff, 0x7d]), 400, 1005],
  ['no body', 'POST', '/v1/campaigns', undefined, 400, 1007],
  ['no data', 'POST', '/v1/campaigns', { name: 'x' }, 400, 1007],
  ['data as a list', 'POST', '/v1/campaigns', { data: [] }, 400, 1007],
  ['a list as body', 'POST', '/v1/campaigns', [1], 400, 1007],
  ['null as body', 'POST', '/v1/campaigns', 'null', 400, 1007],
  [
    'deep nesting',
    'POST',
    '/v1/campaigns',
    `{"data":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
    400,
    1007,
  ],
  ['more than 1 MB', 'POST', '/v1/campaigns', 'x'.repeat(1024 * 1024 + 1), 413, 413],
  ['bad campaign id', 'GET', '/v1/campaigns/x', undefined, 400, 1602],
  ['unknown campaign', 'GET', `/v1/campaigns/${ABSENT}`, undefined, 404, 1601],
  ['a path that is broken', 'GET', '/v1/campaigns/%E0%A4%A', undefined, 400, 400],
  ['bad page token', 'GET', '/v1/campaigns?page_token=abc', undefined, 400, 400],
  ['page of nothing', 'GET', '/v1/campaigns?page_size=0', undefined, 400, 400],
  ['too large a page', 'GET', '/v1/campaigns?page_size=101', undefined, 400, 400],
  ['unknown status filter', 'GET', '/v1/campaigns?filter[statuses]=x', undefined, 400, 400],
  ['unknown channel filter', 'GET', '/v1/campaigns?filter[channel]=PIGEON', undefined, 400, 1515],
  ['wrong method', 'PATCH', '/v1/campaigns', undefined, 405, 405],
  ['wrong method on a verb', 'GET', `/v1/campaigns/${ABSENT}/pause`, undefined, 405, 405],
  ['unknown path', 'GET', '/v1/nothing', undefined, 404, 404],
  ['bad audience id', 'GET', '/v1/audiences/x', undefined, 400, 1302],
  ['unknown audience', 'DELETE', `/v1/audiences/${ABSENT}`, undefined, 404, 1301],
  ['audience without name', 'POST', '/v1/audiences', audience({ name: '' }), 400, 1303],
  ['audience name with blanks', 'POST', '/v1/audiences', audience({ name: 'a b' }), 400, 1304],
  ['long audience name', 'POST', '/v1/audiences', audience({ name: 'x'.repeat(46) }), 400, 1305],
  ['audience without channel', 'POST', '/v1/audiences', audience({ channel: null }), 400, 1306],
  ['audience of no channel', 'POST', '/v1/audiences', audience({ channel: 'X' }), 400, 1307],
  [
    '1001 contacts',
    'POST',
    '/v1/audiences',
    audience({ contacts: Array(1001).fill({}) }),
    400,
    1308,
  ],
  [
    'contact without number',
    'POST',
    '/v1/audiences/A/contacts',
    contact({ number: null }),
    400,
    1353,
  ],
  ['contact as text', 'POST', '/v1/audiences', audience({ contacts: ['1'] }), 400, 1353],
  ['bad number', 'POST', '/v1/audiences/A/contacts', contact({ number: '0049' }), 400, 1354],
  [
    'long number',
    'POST',
    '/v1/audiences/A/contacts',
    contact({ number: '1'.repeat(46) }),
    400,
    1355,
  ],
  [
    '11 tags',
    'POST',
    '/v1/audiences/A/contacts',
    contact({ tags: Array(11).fill('a') }),
    400,
    1359,
  ],
  [
    'known number',
    'POST',
    '/v1/audiences/A/contacts',
    contact({ number: '15550100001' }),
    409,
    1360,
  ],
  [
    'long first name',
    'POST',
    '/v1/audiences/A/contacts',
    contact({ first_name: 'x'.repeat(33) }),
    400,
    1361,
  ],
  [
    'long last name',
    'POST',
    '/v1/audiences/A/contacts',
    contact({ last_name: 'x'.repeat(33) }),
    400,
    1362,
  ],
  [
    'long custom1',
    'POST',
    '/v1/audiences/A/contacts',
    contact({ custom1: 'x'.repeat(33) }),
    400,
    1363,
  ],
  [
    'long custom2',
    'POST',
    '/v1/audiences/A/contacts',
    contact({ date: 'x'.repeat(71) }),
    400,
    1364,
  ],
  ['no time zone', 'POST', '/v1/audiences/A/contacts', contact({ time_zone: '+02:00' }), 400, 400],
  ['a NUL', 'POST', '/v1/audiences/A/contacts', contact({ first_name: '\0' }), 400, 1361],
  [
    'a NUL in an attribute',
    'POST',
    '/v1/audiences/A/contacts',
    contact({ attributes: { a: '\0' } }),
    400,
    400,
  ],
  ['bad contact id', 'PUT', '/v1/audiences/A/contacts/x', contact({}), 400, 1352],
  ['unknown contact', 'PUT', `/v1/audiences/A/contacts/${ABSENT}`, contact({}), 404, 1351],
  ['a NUL in a search', 'GET', '/v1/audiences/A/contacts?filter[search]=%00', undefined, 400, 400],
  ['no template sender', 'POST', '/v1/templates', template({ wa_sender_code: null }), 400, 1241],
  ['unknown template', 'GET', `/v1/templates/${ABSENT}`, undefined, 404, 1251],
  ['bad template id', 'GET', '/v1/templates/x', undefined, 400, 400],
  ['template without text', 'POST', '/v1/templates', template({ text: '' }), 400, 1254],
  ['template text with a NUL', 'POST', '/v1/templates', template({ text: '\0' }), 400, 1255],
  ['template without channel', 'POST', '/v1/templates', template({ channel: '' }), 400, 1256],
  ['template of another channel', 'POST', '/v1/templates', template({ channel: 'SMS' }), 400, 1257],
  ['template name taken', 'POST', '/v1/templates', template({ name: 'spring_sale' }), 409, 1258],
  ['template name with blanks', 'POST', '/v1/templates', template({ name: 'A b' }), 400, 1259],
  ['long template text', 'POST', '/v1/templates', template({ text: 'x'.repeat(1001) }), 400, 1260],
  ['template without name', 'POST', '/v1/templates', template({ name: undefined }), 400, 1261],
  ['long template name', 'POST', '/v1/templates', template({ name: 'x'.repeat(46) }), 400, 1263],
  ['no category', 'POST', '/v1/templates', template({ wa_category: null }), 400, 400],
  ['unknown sender', 'GET', `/v1/senders/${ABSENT}`, undefined, 404, 1402],
  ['sender without name', 'POST', '/v1/senders', sender({ name: '' }), 400, 1404],
  ['sender name with a NUL', 'POST', '/v1/senders', sender({ name: 'a\0' }), 400, 1405],
  ['sender name taken', 'POST', '/v1/senders', sender({ name: 'MyBusiness' }), 409, 1441],
  ['sender without provider', 'POST', '/v1/senders', sender({ provider: null }), 400, 400],
  ['sender with a bad number', 'PATCH', '/v1/senders/S', { data: { phone: 'x' } }, 400, 400],
  [
    'a token that ends the header',
    'PATCH',
    '/v1/senders/S',
    { data: { provider: { token: 'a\r\nb' } } },
    400,
    400,
  ],
];

test.each(BAD_REQUESTS)('%s', async (_label, method, given, body, status, code) => {
  const at = given
    .replace('/A', `/${world.audienceId}`)
    .replace('/S', `/${world.sender.id}`)
    .replace('/T', `/${world.template.id}`);
  await expectError(await api.call(method, at, body), status, code);
});

async function expectError(
  { status, body }: { status: number; body: { errors: object[] } },
  wanted: number,
  code: number,
): Promise<void> {
  expect({ status, body }).toMatchObject({
    status: wanted,
    body: { errors: [{ status: wanted, code }] },
  });
  expect(body.errors).toHaveLength(1);
  expect(Object.keys(body.errors[0]!)).toEqual([
    'timestamp',
    'path',
    'method',
    'status',
    'message',
    'code',
  ]);
  expect(body.errors[0]).toMatchObject({
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    path: expect.stringMatching(/^\/v1\/[^?]*$/),
  });
}

test('every domain code has its line in the table, with a status that fits', () => {
  for (const code of DOMAIN_CODES) {
    expect(ERRORS[code].status).toBeGreaterThanOrEqual(400);
    expect(ERRORS[code].status).toBeLessThan(500);
  }
});

test('a sender that campaigns need cannot be deleted, and its secrets are never shown', async () => {
  const created = await api.call('POST', '/v1/senders', sender({ name: 'Busy' }));
  const at = `/v1/senders/${created.body.data.id}`;
  expect(JSON.stringify(created.body)).not.toContain('"token"');
  const { id } = (await api.call('POST', '/v1/campaigns', campaign({ from: 'Busy' }))).body.data;
  await expectError(await api.call('DELETE', at), 409, 409);
  await api.call('DELETE', `/v1/campaigns/${id}`);
  expect((await api.call('DELETE', at)).status).toBe(204);
  await expectError(await api.call('GET', at), 404, 1402);
});

test('a template in review cannot be deleted', async () => {
  const created = await api.call('POST', '/v1/templates', template({ name: 'reviewed' }));
  expect(created.body.data.status).toBe('IN_PROCESS');
  await expectError(await api.call('DELETE', `/v1/templates/${created.body.data.id}`), 409, 409);
});

test('contacts are changed, found, paged through in both directions, and removed', async () => {
  const { id } = (await api.call('POST', '/v1/audiences', audience({ name: 'Paged' }))).body.data;
  const people = Array.from({ length: 5 }, (_, index) => ({ number: `1557000000${index}` }));
  await api.call('POST', `/v1/audiences/${id}/contacts`, { data: people });
  const first = await api.call('GET', `/v1/audiences/${id}/contacts?page_size=2`);
  expect(first.body.pagination).toMatchObject({ total: 5, links: { previous: null } });
  const second = await api.call('GET', first.body.pagination.links.next);
  const third = await api.call('GET', second.body.pagination.links.next);
  expect(third.body.pagination).toMatchObject({ number: 3, links: { next: null } });
  const back = await api.call('GET', third.body.pagination.links.previous);
  expect(back.body).toEqual(second.body);
  const seen = [first, second, third].flatMap(({ body }) => body.data);
  expect(seen.map(({ number }: { number: string }) => number)).toEqual(people.map((p) => p.number));
  const at = `/v1/audiences/${id}/contacts/${seen[0].id}`;
  const changed = await api.call('PUT', at, { data: { first_name: 'Ann' } });
  expect(changed.body.data).toMatchObject({ number: '15570000000', first_name: 'Ann' });
  expect((await api.call('GET', at)).body).toEqual(changed.body);
  await expectError(await api.call('PUT', at, { data: { number: '15570000001' } }), 409, 1360);
  expect((await api.call('DELETE', at)).status).toBe(204);
  await expectError(await api.call('DELETE', at), 404, 1351);
  const { body } = await api.call('GET', `/v1/audiences/${id}`);
  expect(body.data.contacts_count).toBe(4);
});

test("another account's key finds nothing, whatever the route", async () => {
  const routes: [string, string, unknown?][] = [
    ['GET', `/v1/campaigns/${world.campaign.id}`],
    ['PUT', `/v1/campaigns/${world.campaign.id}`, { data: { name: 'Mine' } }],
    ['DELETE', `/v1/campaigns/${world.campaign.id}`],
    ...['pause', 'resume', 'cancel', 'duplicate', 'retry-failed', 'preflight'].map(
      (verb): [string, string] => ['POST', `/v1/campaigns/${world.campaign.id}/${verb}`],
    ),
    ['GET', `/v1/campaigns/${world.campaign.id}/analytics`],
    ['GET', `/v1/campaigns/${world.campaign.id}/recipients`],
    ['GET', `/v1/audiences/${world.audienceId}`],
    ['DELETE', `/v1/audiences/${world.audienceId}`],
    ['GET', `/v1/audiences/${world.audienceId}/contacts`],
    ['POST', `/v1/audiences/${world.audienceId}/contacts`, contact({})],
    ['PUT', `/v1/audiences/${world.audienceId}/contacts/${ABSENT}`, contact({})],
    ['GET', `/v1/audiences/${world.audienceId}/contacts/${ABSENT}`],
    ['DELETE', `/v1/audiences/${world.audienceId}/contacts/${ABSENT}`],
    ['POST', `/v1/audiences/${world.audienceId}/import`, undefined],
    ['GET', `/v1/templates/${world.template.id}`],
    ['DELETE', `/v1/templates/${world.template.id}`],
    ['GET', `/v1/senders/${world.sender.id}`],
    ['PATCH', `/v1/senders/${world.sender.id}`, { data: { name: 'Mine' } }],
    ['DELETE', `/v1/senders/${world.sender.id}`],
  ];
  for (const [method, at, body] of routes) {
    expect([method, at, (await foreign.call(method, at, body)).status]).toEqual([method, at, 404]);
  }
  const stolen = await foreign.call('POST', '/v1/campaigns', campaign());
  await expectError(stolen, 400, 1604);
  for (const noun of ['campaigns', 'audiences', 'templates', 'senders']) {
    expect((await foreign.call('GET', `/v1/${noun}`)).body.data).toEqual([]);
  }
});
