import { ABSENT, message, startDexatel, type DexatelWorld } from '../../support/dexatel';
import { openWindow } from '../../support/direct';
import { Mail, text } from '../../support/inbound';

let dexatel: DexatelWorld;
/** Of the messages to Sarah, a Canadian and a German, and of the Canadian's answer; in their order. */
const ids: string[] = [];

const SARAH = '14155552671';
const CANADIAN = '16135550100';

const send = async (changes: object): Promise<string> => {
  const { body } = await dexatel.api.call('POST', '/v1/messages', message(changes));
  return body.data[0].id;
};
const list = (query = '') => dexatel.api.call('GET', `/v1/messages?${query}`);

beforeAll(async () => {
  dexatel = await startDexatel();
  for (const to of [SARAH, CANADIAN, '4915112345678']) {
    await openWindow(dexatel.db, dexatel.world, `+${to}`);
    ids.push(await send({ to: [to] }));
  }
  await new Mail(dexatel.db, dexatel.world).say({ phone: CANADIAN, name: 'Ann' }, text('Hello 👋'));
  ids.push((await list()).body.data[0].id);
});

afterAll(() => dexatel.close());

/** query, and which of the messages 0 to 3 it finds */
test.each<[string, number[]]>([
  ['', [3, 2, 1, 0]],
  ['filter[channel]=whatsapp', [3, 2, 1, 0]],
  ['filter[channel]=SMS', []],
  ['filter[direction]=mt', [2, 1, 0]],
  ['filter[direction]=MO', [3]],
  ['filter[statuses]=sent,RECEIVED', [3, 2, 1, 0]],
  ['filter[statuses]=seen', []],
  ['filter[statuses]=FAILD,RECEIVED', [3]],
  ['filter[to]=14155552671', [0]],
  ['filter[to]=%2B1 (415) 555-2671', [0]],
  ['filter[to]=MyBusiness', [3]],
  ['filter[from]=MyBusiness', [2, 1, 0]],
  ['filter[from]=15550000001', [2, 1, 0]],
  ['filter[from]=16135550100', [3]],
  ['filter[from]=Nobody', []],
  ['filter[to_prefix]=1', [3, 1, 0]],
  ['filter[to_prefix]=1613', [1]],
  ['filter[to_prefix]=4', [2]],
  ['filter[from]=MyBusiness&filter[to]=14155552671', [0]],
  ['filter[from]=16135550100&filter[to]=MyBusiness&filter[to_prefix]=1555', [3]],
  ['filter[from]=14155552671&filter[to]=16135550100', []],
  ['filter[direction]=MO&filter[to]=14155552671', []],
  ['filter[countries]=US', [0]],
  ['filter[countries]=us,DE', [2, 0]],
  ['filter[countries]=CA', [3, 1]],
  ['filter[sender_ids]=<sender>', [3, 2, 1, 0]],
  [`filter[sender_ids]=${ABSENT}`, []],
  ['filter[created_date_start]=2020-01-01 00:00:00', [3, 2, 1, 0]],
  ['filter[created_date_start]=2999-01-01 00:00:00', []],
  ['filter[created_date_end]=<newest>', [3, 2, 1, 0]],
  ['filter[created_date_end]=2020-01-01 00:00:00', []],
])('the filter %s', async (query, wanted) => {
  const newest = (await list()).body.data[0].create_date;
  const filled = query.replace('<sender>', dexatel.world.sender.id).replace('<newest>', newest);
  const { body } = await list(filled);
  const found = body.data.map(({ id }: { id: string }) => ids.indexOf(id));
  expect([found, body.pagination.total]).toEqual([wanted, wanted.length]);
});

test('what customers wrote is shown with its direction turned round', async () => {
  const { body } = await list('filter[direction]=MO');
  expect(body.data).toMatchObject([
    {
      from: CANADIAN,
      to: ['15550000001'],
      direction: 'MO',
      status: 'received',
      type: 'text',
      text: 'Hello 👋',
      encoding: 'UCS-2',
      country: 'CA',
      source: null,
    },
  ]);
});

test('pages in both directions, newest first', async () => {
  const first = await list('page_size=2');
  const second = await dexatel.api.call('GET', first.body.pagination.links.next);
  const seen = [first, second].flatMap(({ body }) => body.data);
  expect(seen.map(({ id }: { id: string }) => id)).toEqual(ids.toReversed());
  expect(second.body.pagination).toMatchObject({ number: 2, total: 4, links: { next: null } });
  const back = await dexatel.api.call('GET', second.body.pagination.links.previous);
  expect(back.body).toEqual(first.body);
});

test.each([
  ['pending', 'sent'],
  ['claimed', 'sent'],
  ['sent', 'enroute'],
  ['unknown', 'enroute'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['failed', 'failed'],
  ['skipped', 'unsubscribed'],
])('a message that is %s is called %s, and found by that', async (status, name) => {
  const id = ids[0]!;
  await dexatel.db.updateTable('messages').set({ status }).where('id', '=', id).execute();
  const found = await list(`filter[statuses]=${name}&filter[to]=${SARAH}`);
  expect(found.body.data).toMatchObject([{ id, status: name }]);
  const other = name === 'failed' ? 'read' : 'failed';
  const none = await list(`filter[statuses]=scheduled,${other}`);
  expect(none.body).toMatchObject({ data: [], pagination: { total: 0 } });
});

test('a customer whose number is hidden goes by the business-scoped id', async () => {
  await new Mail(dexatel.db, dexatel.world).say({ bsuid: 'US.abc' }, text('Hi'));
  const { body } = await list('filter[direction]=MO&page_size=1');
  expect(body.data).toMatchObject([{ from: 'US.abc', country: null }]);
});
