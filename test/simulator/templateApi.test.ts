import { eventually } from '../support/eventually';
import { startReceiver, type Receiver } from '../support/receiver';
import { FLAVOURS, startSimulator, type Flavour, type TestSimulator } from '../support/simulator';

/** The registry of templates over HTTP, as Meta and as 360dialog serve it. */

let receiver: Receiver;
let simulator: TestSimulator;
beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startSimulator(receiver.url);
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const META = '/v24.0/2001/message_templates';
const BODY = { type: 'BODY', text: 'Hello!' };
const draft = (name: string, more: object = {}) => ({
  name,
  language: 'en_US',
  category: 'MARKETING',
  components: [BODY],
  ...more,
});
const buttons = (...given: object[]) => ({
  components: [BODY, { type: 'BUTTONS', buttons: given }],
});
const x = (length: number) => 'x'.repeat(length);

test.each<[string, object, number | undefined, string]>([
  ['an unknown key', { colour: 'red' }, undefined, 'Unexpected key "colour".'],
  [
    'an unknown key of a button',
    buttons({ type: 'QUICK_REPLY', text: 'Yes', id: 1 }),
    undefined,
    `Unexpected key "id" on param "components[1]['buttons'][0]".`,
  ],
  ['a name in capitals', { name: 'Hello' }, undefined, 'lower case'],
  ['no category', { category: undefined }, undefined, 'category is required'],
  ['no body', { components: [] }, 2388072, 'no body'],
  ['two bodies', { components: [BODY, BODY] }, 2388072, 'more than one BODY'],
  ['a long body', { components: [{ type: 'BODY', text: x(1025) }] }, 2388040, '1024'],
  ['a body without example', { components: [{ type: 'BODY', text: 'Hi {{1}}!' }] }, 2388043, '1'],
  [
    'a gap in the variables',
    {
      components: [{ type: 'BODY', text: '{{1}} {{3}}!', example: { body_text: [['a', 'b']] } }],
    },
    2388072,
    'not positional',
  ],
  [
    'a name in a positional template',
    { components: [{ type: 'BODY', text: 'Hi {{name}}!', example: { body_text: [['a']] } }] },
    2388072,
    'not positional',
  ],
  [
    'a long header',
    { components: [{ type: 'HEADER', format: 'TEXT', text: x(61) }, BODY] },
    2388040,
    '60',
  ],
  [
    'an image without sample',
    { components: [{ type: 'HEADER', format: 'IMAGE' }, BODY] },
    2388043,
    'header_handle',
  ],
  [
    'a sample that was never uploaded',
    {
      components: [
        { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::nothing'] } },
        BODY,
      ],
    },
    2494102,
    'handle is invalid',
  ],
  [
    'a variable in the footer',
    { components: [BODY, { type: 'FOOTER', text: '{{1}}' }] },
    2388073,
    'may not have',
  ],
  ['a long button', buttons({ type: 'QUICK_REPLY', text: x(26) }), 2388040, '25'],
  [
    'three links',
    buttons(...['a', 'b', 'c'].map((text) => ({ type: 'URL', text, url: 'https://a.b' }))),
    undefined,
    'at most 2 URL',
  ],
  [
    'eleven buttons',
    buttons(...Array.from({ length: 11 }, (_, n) => ({ type: 'QUICK_REPLY', text: `b${n}` }))),
    undefined,
    'at most 10',
  ],
  [
    'scattered quick replies',
    buttons(
      { type: 'QUICK_REPLY', text: 'a' },
      { type: 'URL', text: 'b', url: 'https://a.b' },
      { type: 'QUICK_REPLY', text: 'c' },
    ),
    undefined,
    'between',
  ],
  [
    'a variable within a link',
    buttons({ type: 'URL', text: 'a', url: 'https://a.b/{{1}}/c', example: ['x'] }),
    undefined,
    'at its end',
  ],
  [
    'a one-time button on an offer',
    buttons({ type: 'OTP', otp_type: 'COPY_CODE' }),
    undefined,
    'OTP',
  ],
  [
    'a free body of an authentication template',
    { category: 'AUTHENTICATION' },
    2388072,
    'fixed body',
  ],
])('%s is refused', async (_what, given, subcode, says) => {
  const { status, json } = await simulator.call('POST', META, { ...draft('offer'), ...given });
  expect(status).toBe(400);
  expect(json.error).toMatchObject({ code: 100, ...(subcode && { error_subcode: subcode }) });
  expect(JSON.stringify(json).replaceAll('\\"', '"')).toContain(says);
});

describe.each(Object.keys(FLAVOURS) as Flavour[])('%s', (flavour) => {
  const path = flavour === 'cloud_api' ? META : '/v1/configs/templates';
  const deletion = flavour === 'cloud_api' ? META : '/message_templates';

  test('a template is submitted, approved, listed with its parts, and deleted', async () => {
    const components = [
      { type: 'HEADER', format: 'TEXT', text: 'Spring' },
      { type: 'BODY', text: 'Hello {{1}}!', example: { body_text: [['Ann']] } },
      { type: 'FOOTER', text: 'Reply STOP to opt out' },
      { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Yes' }] },
    ];
    const made = await simulator.call('POST', path, draft('offer', { components }));
    expect([200, 201]).toContain(made.status);
    expect(String(made.json.status).toUpperCase()).toBe('PENDING');
    await eventually(() =>
      expect(receiver.updates('template_status')).toMatchObject([
        { name: 'offer', event: 'APPROVED', language: 'en_US' },
      ]),
    );
    const { json } = await simulator.call('GET', `${path}?name=offer`);
    const [listed] = (json.data ?? json.waba_templates) as Record<string, unknown>[];
    expect(listed).toMatchObject({ name: 'offer', components, parameter_format: 'POSITIONAL' });
    expect(String(listed?.status).toUpperCase()).toBe('APPROVED');

    expect(await simulator.call('DELETE', `${deletion}?name=offer`)).toEqual({
      status: 200,
      json: { success: true },
    });
    expect(await simulator.call('DELETE', `${deletion}?name=offer`)).toMatchObject({ status: 400 });
    await eventually(() =>
      expect(receiver.updates('template_status').at(-1)).toMatchObject({ event: 'DELETED' }),
    );
  });
});

test('pages go by cursor at Meta, and by offset at 360dialog', async () => {
  const seeds = Array.from({ length: 5 }, (_, n) => ({ name: `page_${n}`, body: 'Hello!' }));
  await simulator.sim('PUT', '/templates', seeds);
  const names = (json: Record<string, unknown>) =>
    ((json.data ?? json.waba_templates) as { name: string }[]).map(({ name }) => name);
  const first = await simulator.call('GET', `${META}?name=page&limit=3`);
  expect(names(first.json)).toEqual(['page_0', 'page_1', 'page_2']);
  const { cursors } = first.json.paging as { cursors: { after: string }; next: string };
  const second = await simulator.call('GET', `${META}?name=page&limit=3&after=${cursors.after}`);
  expect(names(second.json)).toEqual(['page_3', 'page_4']);
  expect(second.json.paging).not.toHaveProperty('next');
  const lost = await simulator.call('GET', `${META}?after=nowhere`);
  expect(lost.json.error?.code).toBe(131059);

  const page = await simulator.call('GET', '/v1/configs/templates?name=page&limit=3&offset=3');
  expect(page.json).toMatchObject({ count: 2, total: 5, offset: 3 });
  expect(names(page.json)).toEqual(['page_3', 'page_4']);
});

test('an approved template is edited once a day and reviewed again', async () => {
  const { json } = await simulator.call('POST', META, draft('offer'));
  const node = `/v24.0/${String(json.id)}`;
  const approved = (times: number) =>
    eventually(() => expect(receiver.updates('template_status')).toHaveLength(times));
  await approved(1);
  const edit = { components: [{ type: 'BODY', text: 'Good day!' }] };
  expect(await simulator.call('POST', node, edit)).toMatchObject({ status: 200 });
  await approved(2);
  expect((await simulator.call('GET', node)).json).toMatchObject({
    status: 'APPROVED',
    components: [{ text: 'Good day!' }],
  });
  expect((await simulator.call('POST', node, edit)).json.error?.code).toBe(100);
  await simulator.sim('PUT', '/clock', { offset_ms: 25 * 3_600_000 });
  expect(await simulator.call('POST', node, edit)).toMatchObject({ status: 200 });
});

test('quality, category and pauses are told, and a pause is ended', async () => {
  await simulator.sim('PUT', '/templates', [
    { name: 'hello', status: 'PAUSED', quality: 'RED', category: 'UTILITY' },
  ]);
  await eventually(() => expect(receiver.updates('template_status')).toHaveLength(1));
  const fields = () =>
    receiver.posts
      .flatMap(({ raw }) => JSON.parse(raw.toString()).entry[0].changes)
      .map(({ field }: { field: string }) => field);
  await eventually(() =>
    expect(fields().toSorted()).toEqual([
      'message_template_quality_update',
      'message_template_status_update',
      'template_category_update',
    ]),
  );
  const { json } = await simulator.call('GET', `${META}?name=hello`);
  const [{ id }] = json.data as [{ id: string }];
  const unpaused = await simulator.call('POST', `/v24.0/${id}/unpause`);
  expect(unpaused.json).toEqual({ success: true });
  await eventually(() =>
    expect(receiver.updates('template_status').at(-1)).toMatchObject({ event: 'APPROVED' }),
  );
});

test.each([
  ['/v24.0/app/uploads', '/v24.0/'],
  ['/uploads', '/'],
])('a sample is uploaded in parts over %s, and its handle is known', async (open, base) => {
  const session = await simulator.call('POST', `${open}?file_length=4&file_type=image/png`);
  const path = `${base}${String(session.json.id)}`;
  const part = (offset: string, bytes: string) =>
    simulator.call('POST', path, Buffer.from(bytes), { file_offset: offset });
  expect((await part('0', 'ab')).json).toMatchObject({ file_offset: 2 });
  expect((await part('0', 'ab')).json.error?.code).toBe(100);
  expect((await simulator.call('GET', path)).json).toMatchObject({ file_offset: 2 });
  const { json } = await part('2', 'cd');
  const components = [
    { type: 'HEADER', format: 'IMAGE', example: { header_handle: [json.h] } },
    BODY,
  ];
  const submission = draft('pictured', { components });
  expect((await simulator.call('POST', META, submission)).status).toBe(200);
});

test('an account sees its own templates alone', async () => {
  await simulator.sim('PUT', '/templates', [{ name: 'theirs', body: 'Hello!', wabaId: '2002' }]);
  const { json } = await simulator.call('GET', `${META}?name=theirs`);
  expect(json.data).toEqual([]);
  const foreign = { authorization: 'Bearer other' };
  expect((await simulator.call('GET', META, undefined, foreign)).json.error?.code).toBe(190);
});
