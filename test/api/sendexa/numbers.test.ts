import type { NumberStatus } from '../../../domain/ports';
import { startApi, type TestApi } from '../../support/api';
import { buildAudience } from '../../support/build';
import { openWindow } from '../../support/direct';
import { buildEndpoint } from '../../support/events';
import { quietProvider } from '../../support/quietProvider';
import { basic, expectError, SEND, startSendexa, type SendexaWorld } from '../../support/sendexa';

const CHECK = '/v1/whatsapp/numbers/check';
const BULK = '/v1/whatsapp/numbers/bulk-check';

let sendexa: SendexaWorld;

beforeAll(async () => {
  const provider = quietProvider({
    health: async () => ({
      kind: 'done',
      health: {
        canSend: 'available',
        problems: [],
        quality: 'GREEN',
        verifiedName: 'My Business Ltd',
        messagingLimit: 'TIER_10K',
      },
    }),
  });
  sendexa = await startSendexa({ provider });
});

afterAll(() => sendexa.close());

const check = async (phone: string) =>
  (await sendexa.call('GET', `${CHECK}?phone=${encodeURIComponent(phone)}`)).body.data;

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const seconds = (at: Date) => at.toISOString().replace(/\.\d+Z$/, 'Z');

async function message(to: string): Promise<string> {
  const sent = await sendexa.call('POST', SEND, { to, type: 'text', text: { body: 'x' } });
  return sent.body.data.messageId;
}

describe('what messages teach of a number', () => {
  test('nothing is known of one that nobody wrote to', async () => {
    expect(await check('233244000001')).toEqual({
      phone: '233244000001',
      isWhatsApp: null,
      displayName: null,
      type: null,
      checkedAt: null,
      source: 'unknown',
    });
  });

  test('who wrote is on WhatsApp', async () => {
    const at = minutesAgo(90);
    await openWindow(sendexa.db, sendexa.world, '+233244000002', at);
    await sendexa.db
      .updateTable('contacts')
      .set({ first_name: 'Kofi', last_name: 'Mensah' })
      .where('phone', '=', '+233244000002')
      .execute();
    expect(await check('+233244000002')).toEqual({
      phone: '233244000002',
      isWhatsApp: true,
      displayName: 'Kofi Mensah',
      type: null,
      checkedAt: seconds(at),
      source: 'memory',
    });
  });

  test('the newest counts: undeliverable, then delivered', async () => {
    const to = '233244000003';
    await openWindow(sendexa.db, sendexa.world, `+${to}`, minutesAgo(600));
    const first = await message(to);
    await sendexa.report(first, 'failed', { code: 131026 });
    expect(await check(to)).toMatchObject({ isWhatsApp: false, source: 'memory' });
    const at = new Date(Date.now() + 1_000);
    await sendexa.report(await message(to), 'delivered', { at });
    expect(await check(to)).toMatchObject({ isWhatsApp: true, checkedAt: seconds(at) });
  });

  test('other failures say nothing of the number', async () => {
    const to = '233244000004';
    await openWindow(sendexa.db, sendexa.world, `+${to}`, minutesAgo(60));
    await sendexa.db.updateTable('conversations').set({ last_inbound_at: null }).execute();
    await sendexa.report(await message(to), 'failed', { code: 131053 });
    expect(await check(to)).toMatchObject({ isWhatsApp: null, source: 'unknown' });
  });

  test("campaigns' messages count as well", async () => {
    const { accountId, campaign } = sendexa.world;
    await buildAudience(sendexa.db, accountId, 2);
    const contacts = await sendexa.db
      .selectFrom('contacts')
      .select(['id', 'phone'])
      .where('phone', 'like', '+15550%')
      .orderBy('phone')
      .execute();
    const at = minutesAgo(5);
    await sendexa.db
      .insertInto('recipients')
      .values(
        contacts.map(({ id, phone }, index) => ({
          campaign_id: campaign.id,
          position: index + 1,
          contact_id: id,
          phone: phone!,
          state: index === 0 ? 'delivered' : 'failed',
          reason: index === 0 ? null : '131026',
          status_at: at,
        })),
      )
      .execute();
    expect(await check(contacts[0]!.phone!)).toMatchObject({ isWhatsApp: true });
    expect(await check(contacts[1]!.phone!)).toMatchObject({
      isWhatsApp: false,
      checkedAt: seconds(at),
    });
  });
});

test('many numbers at once, in their order, with sums', async () => {
  const known = ['233244000011', '233244000012'];
  for (const to of known) {
    await openWindow(sendexa.db, sendexa.world, `+${to}`, minutesAgo(60));
  }
  await sendexa.report(await message(known[1]!), 'failed', { code: 131026 });
  const phones = [known[1], '233244000013', `+${known[0]}`, known[1]];
  const { status, body } = await sendexa.call('POST', BULK, { phones });
  expect(status).toBe(200);
  expect(body.data).toMatchObject({ total: 4, registered: 1, notRegistered: 2, unknown: 1 });
  expect(
    body.data.results.map((result: { phone: string; isWhatsApp: boolean | null }) => [
      result.phone,
      result.isWhatsApp,
    ]),
  ).toEqual([
    [known[1], false],
    ['233244000013', null],
    [known[0], true],
    [known[1], false],
  ]);
});

test('a thousand numbers pass, and no more', async () => {
  const phones = Array.from({ length: 1_001 }, (_, n) => String(233300000000 + n));
  expectError(await sendexa.call('POST', BULK, { phones }), 400, 'INVALID_PARAMETERS');
  const { body } = await sendexa.call('POST', BULK, { phones: phones.slice(1) });
  expect(body.data).toMatchObject({ total: 1_000, unknown: 1_000 });
});

test('what is no number is WA001, what is missing INVALID_PARAMETERS', async () => {
  for (const phone of ['abc', '0233244000', '123', '']) {
    expectError(await sendexa.call('GET', `${CHECK}?phone=${phone}`), 400, 'WA001');
    expectError(await sendexa.call('POST', BULK, { phones: [phone] }), 400, 'WA001');
  }
  expectError(await sendexa.call('GET', CHECK), 400, 'INVALID_PARAMETERS');
  expectError(await sendexa.call('GET', `${CHECK}?phone=1&phone=2`), 400, 'INVALID_PARAMETERS');
  for (const body of [undefined, {}, { phones: 'x' }, { phones: [] }, { phones: [5] }]) {
    expectError(await sendexa.call('POST', BULK, body), 400, 'INVALID_PARAMETERS');
  }
  const unescaped = await sendexa.call('GET', `${CHECK}?phone=+233244000001`);
  expect(unescaped.body.data.phone).toBe('233244000001');
});

test('the own numbers, with what their provider says of them', async () => {
  const { accountId, sender } = sendexa.world;
  const url = 'https://hooks.example/sendexa';
  await buildEndpoint(sendexa.db, accountId, { url, format: 'sendexa' });
  const { body } = await sendexa.call('GET', '/v1/whatsapp/numbers');
  expect(body.data).toEqual({
    numbers: [
      {
        id: `wba_num_${sender.id.replaceAll('-', '')}`,
        phone: '15550000001',
        displayName: 'MyBusiness',
        verifiedName: 'My Business Ltd',
        status: 'CONNECTED',
        qualityRating: 'GREEN',
        messagingLimit: 'TIER_10K',
        webhookUrl: url,
        connectedAt: seconds(sender.created_at),
      },
    ],
    total: 1,
  });
});

describe('a provider that can tell', () => {
  let api: TestApi;
  let answer: () => NumberStatus[] | null;
  let asked: string[][];

  beforeAll(async () => {
    const { accountId, sender } = sendexa.world;
    const provider = quietProvider({
      checkNumbers: async (phones) => {
        asked.push([...phones]);
        const numbers = answer();
        return numbers ? { kind: 'done', numbers } : { kind: 'unknown', detail: 'timeout' };
      },
    });
    api = await startApi(sendexa.db, { accountId, senderId: sender.id, provider });
  });

  beforeEach(() => {
    asked = [];
  });

  afterAll(() => api.close());

  test('is asked, and what it said is remembered while it cannot be', async () => {
    const call = basic(api, api.key);
    const [kofi, nobody] = ['233244000021', '233244000022'];
    answer = () => [
      { phone: `+${kofi}`, onWhatsApp: true, type: 'business', displayName: 'Kofi' },
      { phone: `+${nobody}`, onWhatsApp: false, type: null, displayName: null },
    ];
    const { body } = await call('POST', BULK, { phones: [kofi, nobody, kofi] });
    expect(asked).toEqual([[`+${kofi}`, `+${nobody}`]]);
    expect(body.data).toMatchObject({ registered: 2, notRegistered: 1, unknown: 0 });
    expect(body.data.results[0]).toMatchObject({ source: 'provider', type: 'business' });
    answer = () => null;
    const later = await call('GET', `${CHECK}?phone=${kofi}`);
    expect(later.body.data).toMatchObject({
      isWhatsApp: true,
      displayName: 'Kofi',
      type: 'business',
      source: 'memory',
    });
    answer = () => [{ phone: `+${kofi}`, onWhatsApp: false, type: null, displayName: null }];
    const changed = await call('GET', `${CHECK}?phone=${kofi}`);
    expect(changed.body.data).toMatchObject({ isWhatsApp: false, source: 'provider' });
  });
});
