import { startCloud, type CloudStage } from '../../support/cloud';

let stage: CloudStage;

beforeAll(async () => {
  stage = await startCloud();
});

afterAll(() => stage.close());

const open = (length: number | string, more = '') =>
  stage.d360('POST', `/uploads?file_name=a.png&file_length=${length}&file_type=image/png${more}`);

function send(id: string, offset: string, bytes: Buffer) {
  const headers = {
    'X-Dexatel-Key': '',
    'D360-API-KEY': stage.api.key,
    'Content-Type': 'application/octet-stream',
    file_offset: offset,
  };
  return stage.api.call('POST', `/${id}`, bytes, headers);
}

test('a sample is uploaded in parts, and a template is made with its handle', async () => {
  const { status, body } = await open(10);
  expect({ status, body }).toEqual({
    status: 200,
    body: { id: expect.stringMatching(/^upload:/) },
  });
  const { id } = body;
  expect((await send(id, '0', Buffer.from('first'))).body).toEqual({ id, file_offset: 5 });
  expect((await stage.d360('GET', `/${id}`)).body).toEqual({ id, file_offset: 5 });
  const done = await send(id, '5', Buffer.from('later'));
  expect(done).toMatchObject({ status: 200, body: { h: expect.stringMatching(/\S/) } });
  const header_handle = [done.body.h];
  const made = await stage.d360('POST', '/v1/configs/templates', {
    name: 'pictured',
    language: 'en_US',
    category: 'MARKETING',
    components: [
      { type: 'HEADER', format: 'IMAGE', example: { header_handle } },
      { type: 'BODY', text: 'Look!' },
    ],
  });
  expect(made).toMatchObject({
    status: 201,
    body: { components: [{ example: { header_handle } }, { type: 'BODY' }] },
  });
});

test.each([
  ['no length', () => stage.d360('POST', '/uploads?file_type=image/png'), 'file_length'],
  ['a length that is none', () => open('many'), 'file_length'],
  ['no type', () => stage.d360('POST', '/uploads?file_length=5'), 'file_type'],
  ['an id of another form', () => stage.d360('GET', '/upload:%20'), 'id'],
  ['an offset that is none', () => send('upload:a', 'x', Buffer.from('a')), 'file_offset'],
])('%s is refused', async (_what, attempt, says) => {
  expect(await attempt()).toMatchObject({
    status: 400,
    body: { error: { code: 100, message: expect.stringContaining(says) } },
  });
});

test('what the provider refuses is refused with its code', async () => {
  const { body } = await open(10);
  expect(await send(body.id, '7', Buffer.from('first'))).toMatchObject({
    status: 400,
    body: { error: { code: 100 } },
  });
});

test('a file may have 100 MB', async () => {
  expect((await open(100 * 1024 * 1024)).status).toBe(200);
  expect((await open(100 * 1024 * 1024 + 1)).status).toBe(413);
});
