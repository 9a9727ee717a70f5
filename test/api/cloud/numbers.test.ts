import { createApiKey } from '../../../usecases/apiKey';
import { DateTime } from 'luxon';
import { buildWorld } from '../../support/build';
import { callers, startCloud, type CloudStage } from '../../support/cloud';
import { META_NUMBER } from '../../support/simulator';

let stage: CloudStage;

beforeAll(async () => {
  stage = await startCloud();
});

afterAll(() => stage.close());

const canSend = (verdict: string) =>
  stage.simulator.sim('PUT', '/numbers', { numbers: [{ ...META_NUMBER, canSend: verdict }] });

describe('health', () => {
  test('is what the provider says', async () => {
    const { status, body } = await stage.d360('GET', '/health_status');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        id: '1001',
        health_status: {
          can_send_message: 'AVAILABLE',
          entities: [
            { entity_type: 'PHONE_NUMBER', id: '1001', can_send_message: 'AVAILABLE' },
            { entity_type: 'WABA', id: '2001', can_send_message: 'AVAILABLE' },
          ],
        },
      },
    });
  });

  test('tells what limits and what blocks', async () => {
    await canSend('LIMITED');
    const limited = await stage.d360('GET', '/health_status');
    expect(limited.body.health_status).toMatchObject({
      can_send_message: 'LIMITED',
      entities: [{ can_send_message: 'LIMITED', additional_info: [expect.any(String)] }, {}],
    });
    await canSend('BLOCKED');
    const blocked = await stage.meta('GET', '/1001?fields=health_status');
    expect(blocked.body).toMatchObject({
      id: '1001',
      health_status: {
        can_send_message: 'BLOCKED',
        entities: [{ errors: [{ error_code: 141006 }] }, {}],
      },
    });
    await canSend('AVAILABLE');
  });

  test('is bad while sending is stopped here', async () => {
    const health = (state: 'halted' | 'active') =>
      stage.db
        .updateTable('senders')
        .set({ health: state, health_reason: state === 'halted' ? '190' : null })
        .where('id', '=', stage.world.sender.id)
        .execute();
    await health('halted');
    const { body } = await stage.d360('GET', '/health_status');
    await health('active');
    expect(body.health_status).toMatchObject({
      can_send_message: 'BLOCKED',
      entities: [{ entity_type: 'PHONE_NUMBER', errors: [{ error_code: 190 }] }, {}],
    });
  });
});

test('a number tells about itself', async () => {
  const { body } = await stage.meta('GET', '/1001');
  expect(body).toEqual({
    id: '1001',
    verified_name: 'Simulated business',
    display_phone_number: '+15550000001',
    quality_rating: expect.any(String),
  });
  const some = await stage.meta('GET', '/1001?fields=throughput,platform_type,unknown');
  expect(some.body).toEqual({
    id: '1001',
    throughput: { level: 'HIGH' },
    platform_type: 'CLOUD_API',
  });
});

describe('blocked users', () => {
  const block = (...users: string[]) => ({
    messaging_product: 'whatsapp',
    block_users: users.map((user) => ({ user })),
  });

  test('are blocked, listed page by page, and let go', async () => {
    const added = await stage.d360('POST', '/block_users', block('+1 415 555 0101', '14155550102'));
    expect(added.body).toEqual({
      messaging_product: 'whatsapp',
      block_users: {
        added_users: [
          { input: '+1 415 555 0101', wa_id: '14155550101' },
          { input: '14155550102', wa_id: '14155550102' },
        ],
      },
    });
    await stage.meta('POST', '/1001/block_users', block('US.13491208655302741918'));
    const first = await stage.d360('GET', '/block_users?limit=2');
    expect(first.body.data).toEqual([
      { messaging_product: 'whatsapp', wa_id: '14155550101' },
      { messaging_product: 'whatsapp', wa_id: '14155550102' },
    ]);
    const { after } = first.body.paging.cursors;
    expect(first.body.paging.next).toBe(
      `https://casement.example/block_users?limit=2&after=${after}`,
    );
    const last = await stage.d360('GET', `/block_users?limit=2&after=${after}`);
    expect(last.body.data).toEqual([
      { messaging_product: 'whatsapp', user_id: 'US.13491208655302741918' },
    ]);
    expect(last.body.paging).not.toHaveProperty('next');
    const { before } = last.body.paging.cursors;
    const back = await stage.d360('GET', `/block_users?limit=1&before=${before}`);
    expect(back.body.data).toEqual([{ messaging_product: 'whatsapp', wa_id: '14155550102' }]);

    const all = block('14155550101', '14155550102', 'US.13491208655302741918');
    const removed = await stage.d360('DELETE', '/block_users', all);
    expect(removed.body.block_users.removed_users).toHaveLength(3);
    const again = await stage.d360('DELETE', '/block_users', all);
    expect(again.body).toEqual(removed.body);
    expect((await stage.d360('GET', '/block_users')).body).toEqual({ data: [], paging: {} });
  });

  test('are not sent anything', async () => {
    await stage.d360('POST', '/block_users', block('14155550103'));
    const template = { name: 'plain', language: { code: 'en_US' } };
    const body = { messaging_product: 'whatsapp', to: '14155550103', type: 'template', template };
    expect((await stage.d360('POST', '/messages', body)).status).toBe(200);
    const { messages } = await stage.simulator.sim<{ messages: object[] }>(
      'GET',
      '/messages?to=14155550103',
    );
    expect(messages).toEqual([]);
  });

  test('are told apart from what is no user', async () => {
    const answer = await stage.d360('POST', '/block_users', block('14155550104', 'nobody'));
    expect(answer).toMatchObject({
      status: 400,
      body: {
        block_users: {
          added_users: [{ input: '14155550104' }],
          failed_users: [{ input: 'nobody', errors: [{ code: 131021 }] }],
        },
        error: { code: 139100 },
      },
    });
  });

  test.each([
    [{}],
    [{ messaging_product: 'whatsapp' }],
    [{ ...block(), block_users: 'x' }],
    [block()],
    [{ ...block('14155550105'), messaging_product: 'sms' }],
  ])('%j is refused', async (body) => {
    const answer = await stage.d360('POST', '/block_users', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  });

  test.each(['limit=0', 'limit=x', 'limit=1&limit=2'])('a page of %s is refused', async (query) => {
    const answer = await stage.d360('GET', `/block_users?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  });

  test('a cursor of somebody’s own making is refused', async () => {
    const answer = await stage.d360('GET', '/block_users?after=%20%20');
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 131059 } } });
  });
});

describe('which number a key speaks for', () => {
  const text = { messaging_product: 'whatsapp', to: '14155550106', text: { body: 'Hi' } };

  test('the one it is bound to, and no other', async () => {
    const other = await stage.db
      .insertInto('senders')
      .values({
        account_id: stage.world.accountId,
        name: 'Other',
        phone: '+15550000002',
        provider_kind: '360dialog',
        provider_base_url: 'http://127.0.0.1:1',
        sealed_token: 'token',
        hook_key: stage.world.accountId,
        window_policy: 'customer_message',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const unbound = await stage.d360('POST', '/messages', text);
    expect(unbound).toMatchObject({ status: 400, body: { error: { code: 100 } } });
    expect((await stage.meta('POST', '/1001/messages', text)).status).toBe(200);

    const input = { accountId: stage.world.accountId, name: 'bound', scopes: ['*'] };
    const deps = { db: stage.db, clock: { now: () => DateTime.utc() } };
    const { secret } = await createApiKey(deps, { ...input, senderId: other.id });
    const bound = callers(stage.api, secret);
    expect((await bound.d360('GET', '/v1/configs/webhook')).status).toBe(200);
    expect((await bound.meta('POST', '/1001/messages', text)).status).toBe(400);
    // Its provider gives it no id, so it goes by ours.
    const own = await bound.meta('GET', `/${other.id}?fields=verified_name`);
    expect(own.body).toEqual({ id: other.id, verified_name: 'Simulated business' });
    await stage.db.deleteFrom('api_keys').where('sender_id', '=', other.id).execute();
    await stage.db.deleteFrom('senders').where('id', '=', other.id).execute();
  });

  test('none of another account', async () => {
    const world = await buildWorld(stage.db, { recipients: 0, phoneNumberId: '7777' });
    const foreign = await stage.meta('POST', `/${world.sender.phone_number_id}/messages`, text);
    expect(foreign).toMatchObject({
      status: 400,
      body: { error: { code: 100, error_subcode: 33 } },
    });
  });
});
