import { ERRORS } from '../../../api/dialects/dexatel/errors';
import { DOMAIN_CODES } from '../../../domain/errors';
import {
  ABSENT,
  audience,
  campaign,
  contact,
  expectError,
  sender,
  startDexatel,
  template,
  type DexatelWorld,
} from '../../support/dexatel';
import { NASTY } from '../../support/nasty';

let dexatel: DexatelWorld;

beforeAll(async () => {
  dexatel = await startDexatel();
});

afterAll(() => dexatel.close());

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
  expectError(
    await dexatel.api.call('POST', '/v1/campaigns', campaign(dexatel.world, changes)),
    status,
    code,
  );
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
    1005,
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
  ['rename to nothing', 'PUT', '/v1/audiences/A', { data: { name: ' ' } }, 400, 1303],
  ['rename with blanks', 'PUT', '/v1/audiences/A', { data: { name: 'a b' } }, 400, 1304],
  ['rename to much', 'PUT', '/v1/audiences/A', { data: { name: 'x'.repeat(46) } }, 400, 1305],
  ['rename without data', 'PUT', '/v1/audiences/A', {}, 400, 1007],
  ['rename nothing', 'PUT', `/v1/audiences/${ABSENT}`, { data: { name: 'a' } }, 404, 1301],
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
  ['template without data', 'POST', '/v1/templates', {}, 400, 1253],
  ['template as a list', 'POST', '/v1/templates', { data: [] }, 400, 1253],
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
  ['sender without data', 'POST', '/v1/senders', {}, 400, 1403],
  ['change of a sender without data', 'PATCH', '/v1/senders/S', {}, 400, 1403],
  ['sender without name', 'POST', '/v1/senders', sender({ name: '' }), 400, 1404],
  ['sender name with a NUL', 'POST', '/v1/senders', sender({ name: 'a\0' }), 400, 1405],
  ['long sender name', 'POST', '/v1/senders', sender({ name: 'x'.repeat(46) }), 400, 1406],
  [
    'sender whose provider is inside',
    'POST',
    '/v1/senders',
    sender({
      provider: { kind: '360dialog', base_url: 'https://169.254.169.254/latest', token: 't' },
    }),
    400,
    400,
  ],
  ['sender of another channel', 'POST', '/v1/senders', sender({ channel: 'SMS' }), 400, 1414],
  ['sender without channel', 'POST', '/v1/senders', sender({ channel: null }), 400, 1414],
  ['senders of no status', 'GET', '/v1/senders?filter[status]=GONE', undefined, 400, 1439],
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
    .replace('/A', `/${dexatel.world.audienceId}`)
    .replace('/S', `/${dexatel.world.sender.id}`)
    .replace('/T', `/${dexatel.world.template.id}`);
  expectError(await dexatel.api.call(method, at, body), status, code);
});

test('every domain code has its line in the table, with a status that fits', () => {
  for (const code of DOMAIN_CODES) {
    expect(ERRORS[code].status).toBeGreaterThanOrEqual(400);
    if (code !== 'provider_unavailable') expect(ERRORS[code].status).toBeLessThan(500);
  }
});

const EVERYTHING = {
  language: 'en',
  type: 'document',
  url: 'https://cdn.example/a.pdf',
  media_id: '1',
  filename: 'a',
  header: 'Hi',
  footer: 'Bye',
  button_type: 'LINK',
  button_text: 'Shop',
  button_value: 'https://shop.example',
  buttons: [{ button_type: 'COPY_CODE' }],
  examples: {},
};

test('no value of any field is our fault', async () => {
  const requests: [string, { data: Record<string, unknown> }][] = [
    [
      '/v1/campaigns',
      campaign(dexatel.world, { name: 'n', variables: {}, header: null, on_unknown: 'keep' }),
    ],
    ['/v1/audiences', audience({ contacts: [] })],
    [`/v1/audiences/${dexatel.world.audienceId}/contacts`, contact({ tags: [], attributes: {} })],
    ['/v1/templates', template({ ...EVERYTHING, name: 'fuzzed' })],
    ['/v1/senders', sender({ rate_per_second: 1, daily_limit: 1, quiet_hours: null })],
  ];
  for (const [at, { data }] of requests) {
    for (const field of Object.keys(data)) {
      const tries = NASTY.map(async (value) => {
        const body = { data: { ...data, [field]: value } };
        const { status } = await dexatel.api.call('POST', at, body);
        expect([at, field, value, status < 500]).toEqual([at, field, value, true]);
      });
      await Promise.all(tries);
    }
  }
});
