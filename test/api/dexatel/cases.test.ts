import { readFileSync } from 'node:fs';
import path from 'node:path';
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

let dexatel: DexatelWorld;

beforeAll(async () => {
  dexatel = await startDexatel();
});

afterAll(() => dexatel.close());

/** A documented exchange; `<name>` in the request stands for something of the test's dexatel.world. */
function fixture(name: string): { request: { data: Record<string, unknown> }; response: object } {
  const file = path.join(__dirname, '..', '..', 'fixtures', 'dexatel', `${name}.json`);
  const text = readFileSync(file, 'utf8')
    .replaceAll('<template>', dexatel.world.template.id)
    .replaceAll('<audience>', dexatel.world.audienceId)
    .replaceAll('<sender>', dexatel.world.sender.name);
  return JSON.parse(text);
}

test.each(['campaign-create', 'audience-create', 'template-create', 'sender-create'])(
  'the documented exchange %s',
  async (name) => {
    const noun = name.split('-')[0]!;
    const { request, response } = fixture(name);
    const answer = await dexatel.api.call('POST', `/v1/${noun}s`, request);
    expect(answer.body).toMatchObject(response);
    expect(answer.status).toBe(201);
    expect(answer.body.data.links).toHaveProperty('account', null);
    const again = await dexatel.api.call('GET', `/v1/${noun}s/${answer.body.data.id}`);
    expect(again.body.data).toEqual(answer.body.data);
    const list = await dexatel.api.call('GET', `/v1/${noun}s?filter[channel]=whatsapp`);
    expect(list.body.data.map(({ id }: { id: string }) => id)).toContain(answer.body.data.id);
    expect(list.body.pagination).toMatchObject({ number: 1, size: 20 });
  },
);

test('an emoji counts as one character of a name', async () => {
  const answer = await dexatel.api.call(
    'POST',
    '/v1/campaigns',
    campaign(dexatel.world, { name: '🎉'.repeat(45) }),
  );
  expect(answer.status).toBe(201);
});

test('rescheduling, cancelling by status, and what is no longer possible then', async () => {
  const created = await dexatel.api.call('POST', '/v1/campaigns', campaign(dexatel.world));
  const at = `/v1/campaigns/${created.body.data.id}`;
  const moved = await dexatel.api.call('PUT', at, { data: { schedule: '2999-03-02 10:00:00' } });
  expect(moved.body.data).toMatchObject({ status: 'scheduled', schedule: '2999-03-02 10:00:00' });
  expectError(await dexatel.api.call('PUT', at, { data: { status: 'completed' } }), 409, 1611);
  const canceled = await dexatel.api.call('PUT', at, { data: { status: 'canceled' } });
  expect(canceled.body.data.status).toBe('canceled');
  const late = await dexatel.api.call('PUT', at, { data: { schedule: '2999-03-02 10:00:00' } });
  expectError(late, 409, 1611);
  expect((await dexatel.api.call('DELETE', at)).status).toBe(204);
  expectError(await dexatel.api.call('GET', at), 404, 1601);
});

test('deletes at the same moment cancel, hide, or find nothing: none of them gets in the way of another', async () => {
  const created = await dexatel.api.call('POST', '/v1/campaigns', campaign(dexatel.world));
  const at = `/v1/campaigns/${created.body.data.id}`;
  const deletes = Array.from({ length: 6 }, () => dexatel.api.call('DELETE', at));
  const statuses = (await Promise.all(deletes)).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([204, 204, 404, 404, 404, 404]);
});

test('a campaign needs an audience of its own channel', async () => {
  const { body } = await dexatel.api.call(
    'POST',
    '/v1/audiences',
    audience({ name: 'Texts', channel: 'SMS' }),
  );
  const changes = { audience: body.data.id };
  const answer = await dexatel.api.call('POST', '/v1/campaigns', campaign(dexatel.world, changes));
  expectError(answer, 400, 1617);
});

test('an audience is renamed, to a name that no other has', async () => {
  const create = (name: string) => dexatel.api.call('POST', '/v1/audiences', audience({ name }));
  const { body } = await create('Before');
  const at = `/v1/audiences/${body.data.id}`;
  const rename = (name: string) => dexatel.api.call('PUT', at, { data: { name } });
  const renamed = await rename('After');
  expect(renamed.status).toBe(200);
  expect(renamed.body.data).toMatchObject({
    id: body.data.id,
    name: 'After',
    channel: 'WHATSAPP',
    contacts_count: 0,
    links: { self: at, account: null, contacts: `${at}/contacts` },
  });
  expect((await dexatel.api.call('GET', at)).body).toEqual(renamed.body);
  expect((await create('Before')).status).toBe(201);
  expectError(await rename('Before'), 409, 1309);
  expectError(await create('After'), 409, 1309);
});

test('senders are found by the one type that WhatsApp has', async () => {
  const found = async (type: string) =>
    (await dexatel.api.call('GET', `/v1/senders?filter[type]=${type}`)).body.pagination.total;
  expect(await found('numeric')).toBe(await found(''));
  expect(await found('ALPHANUMERIC')).toBe(0);
});

test('pausing shows in_progress with the extension, resuming and cancelling answer exact counts', async () => {
  const created = await dexatel.api.call('POST', '/v1/campaigns', campaign(dexatel.world));
  const at = `/v1/campaigns/${created.body.data.id}`;
  const paused = await dexatel.api.call('POST', `${at}/pause`);
  expect(paused.body.data).toMatchObject({ status: 'in_progress', paused: true, in_flight: 0 });
  const shown = await dexatel.api.call('GET', at);
  expect(shown.body.data).toMatchObject({
    status: 'in_progress',
    paused: true,
    paused_reason: 'requested',
  });
  const canceled = await dexatel.api.call('POST', `${at}/cancel`);
  expect(canceled.body.data).toMatchObject({ status: 'canceled', progress: { total: 0 } });
  expectError(await dexatel.api.call('POST', `${at}/resume`), 409, 1611);
});

test('reports of a campaign', async () => {
  const at = `/v1/campaigns/${dexatel.world.campaign.id}`;
  const analytics = await dexatel.api.call('GET', `${at}/analytics`);
  expect(analytics.body.data.messages).toEqual({
    total: 0,
    sent: 0,
    delivered: 0,
    read: 0,
    failed: 0,
  });
  const recipients = await dexatel.api.call('GET', `${at}/recipients?state=sent`);
  expect(recipients.body).toMatchObject({ data: [], pagination: { total: 0 } });
  expectError(await dexatel.api.call('GET', `${at}/recipients?state=x`), 400, 400);
  const csv = await dexatel.api.call('GET', `${at}/recipients`, undefined, { Accept: 'text/csv' });
  expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
  expect(csv.body).toMatch(/^position,number,state,/);
  const preflight = await dexatel.api.call('POST', `${at}/preflight`);
  expect(preflight.body.data).toMatchObject({ total: 3, will_send: 3, test_send: null });
  const copy = await dexatel.api.call('POST', `${at}/duplicate`, { data: { name: 'A copy' } });
  expect(copy.body.data).toMatchObject({ name: 'A copy', template_id: dexatel.world.template.id });
});

test('a sender that campaigns need cannot be deleted, and its secrets are never shown', async () => {
  const created = await dexatel.api.call('POST', '/v1/senders', sender({ name: 'Busy' }));
  const at = `/v1/senders/${created.body.data.id}`;
  expect(JSON.stringify(created.body)).not.toContain('"token"');
  const { id } = (
    await dexatel.api.call('POST', '/v1/campaigns', campaign(dexatel.world, { from: 'Busy' }))
  ).body.data;
  expectError(await dexatel.api.call('DELETE', at), 409, 409);
  await dexatel.api.call('DELETE', `/v1/campaigns/${id}`);
  expect((await dexatel.api.call('DELETE', at)).status).toBe(204);
  expectError(await dexatel.api.call('GET', at), 404, 1402);
});

test('a template in review cannot be deleted', async () => {
  const created = await dexatel.api.call('POST', '/v1/templates', template({ name: 'reviewed' }));
  expect(created.body.data.status).toBe('IN_PROCESS');
  expectError(await dexatel.api.call('DELETE', `/v1/templates/${created.body.data.id}`), 409, 409);
});

test('contacts are changed, found, paged through in both directions, and removed', async () => {
  const { id } = (await dexatel.api.call('POST', '/v1/audiences', audience({ name: 'Paged' }))).body
    .data;
  const people = Array.from({ length: 5 }, (_, index) => ({ number: `1557000000${index}` }));
  await dexatel.api.call('POST', `/v1/audiences/${id}/contacts`, { data: people });
  const first = await dexatel.api.call('GET', `/v1/audiences/${id}/contacts?page_size=2`);
  expect(first.body.pagination).toMatchObject({ total: 5, links: { previous: null } });
  const second = await dexatel.api.call('GET', first.body.pagination.links.next);
  const third = await dexatel.api.call('GET', second.body.pagination.links.next);
  expect(third.body.pagination).toMatchObject({ number: 3, links: { next: null } });
  const back = await dexatel.api.call('GET', third.body.pagination.links.previous);
  expect(back.body).toEqual(second.body);
  const seen = [first, second, third].flatMap(({ body }) => body.data);
  expect(seen.map(({ number }: { number: string }) => number)).toEqual(people.map((p) => p.number));
  const at = `/v1/audiences/${id}/contacts/${seen[0].id}`;
  const changed = await dexatel.api.call('PUT', at, { data: { first_name: 'Ann' } });
  expect(changed.body.data).toMatchObject({ number: '15570000000', first_name: 'Ann' });
  expect((await dexatel.api.call('GET', at)).body).toEqual(changed.body);
  expectError(await dexatel.api.call('PUT', at, { data: { number: '15570000001' } }), 409, 1360);
  expect((await dexatel.api.call('DELETE', at)).status).toBe(204);
  expectError(await dexatel.api.call('DELETE', at), 404, 1351);
  const { body } = await dexatel.api.call('GET', `/v1/audiences/${id}`);
  expect(body.data.contacts_count).toBe(4);
});

test("another account's key finds nothing, whatever the route", async () => {
  const routes: [string, string, unknown?][] = [
    ['GET', `/v1/campaigns/${dexatel.world.campaign.id}`],
    ['PUT', `/v1/campaigns/${dexatel.world.campaign.id}`, { data: { name: 'Mine' } }],
    ['DELETE', `/v1/campaigns/${dexatel.world.campaign.id}`],
    ...['pause', 'resume', 'cancel', 'duplicate', 'retry-failed', 'preflight'].map(
      (verb): [string, string] => ['POST', `/v1/campaigns/${dexatel.world.campaign.id}/${verb}`],
    ),
    ['GET', `/v1/campaigns/${dexatel.world.campaign.id}/analytics`],
    ['GET', `/v1/campaigns/${dexatel.world.campaign.id}/recipients`],
    ['GET', `/v1/audiences/${dexatel.world.audienceId}`],
    ['PUT', `/v1/audiences/${dexatel.world.audienceId}`, { data: { name: 'Mine' } }],
    ['DELETE', `/v1/audiences/${dexatel.world.audienceId}`],
    ['GET', `/v1/audiences/${dexatel.world.audienceId}/contacts`],
    ['POST', `/v1/audiences/${dexatel.world.audienceId}/contacts`, contact({})],
    ['PUT', `/v1/audiences/${dexatel.world.audienceId}/contacts/${ABSENT}`, contact({})],
    ['GET', `/v1/audiences/${dexatel.world.audienceId}/contacts/${ABSENT}`],
    ['DELETE', `/v1/audiences/${dexatel.world.audienceId}/contacts/${ABSENT}`],
    ['POST', `/v1/audiences/${dexatel.world.audienceId}/import`, undefined],
    ['GET', `/v1/templates/${dexatel.world.template.id}`],
    ['DELETE', `/v1/templates/${dexatel.world.template.id}`],
    ['GET', `/v1/senders/${dexatel.world.sender.id}`],
    ['PATCH', `/v1/senders/${dexatel.world.sender.id}`, { data: { name: 'Mine' } }],
    ['DELETE', `/v1/senders/${dexatel.world.sender.id}`],
  ];
  for (const [method, at, body] of routes) {
    expect([method, at, (await dexatel.foreign.call(method, at, body)).status]).toEqual([
      method,
      at,
      404,
    ]);
  }
  const stolen = await dexatel.foreign.call('POST', '/v1/campaigns', campaign(dexatel.world));
  expectError(stolen, 400, 1604);
  for (const noun of ['campaigns', 'audiences', 'templates', 'senders']) {
    expect((await dexatel.foreign.call('GET', `/v1/${noun}`)).body.data).toEqual([]);
  }
});
