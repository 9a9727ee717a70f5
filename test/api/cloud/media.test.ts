import { startApi } from '../../support/api';
import { buildWorld } from '../../support/build';
import { callers, startCloud, type CloudStage } from '../../support/cloud';
import { META_NUMBER } from '../../support/simulator';

let stage: CloudStage;

beforeAll(async () => {
  stage = await startCloud();
});

afterAll(() => stage.close());

const TEXT = 'Grüße\n';

const D360 = () => ({ 'D360-API-KEY': stage.api.key });
const META = () => ({ Authorization: `Bearer ${stage.api.key}` });

function form(content = TEXT, type = 'text/plain'): FormData {
  const data = new FormData();
  data.set('messaging_product', 'whatsapp');
  data.set('file', new Blob([content], { type }), 'größe.txt');
  return data;
}

async function upload(path: string, headers: Record<string, string>, body: FormData = form()) {
  const answer = await fetch(stage.api.url + path, { method: 'POST', headers, body });
  return { status: answer.status, body: (await answer.json()) as { id: string } };
}

const download = (url: string, headers: Record<string, string>) =>
  fetch(url.replace('https://casement.example', stage.api.url), { headers });

test.each([
  ['360dialog', '/media', D360],
  ['Meta', '/v24.0/1001/media', META],
])('a file is uploaded as to %s, described, downloaded and deleted', async (_place, path, key) => {
  const { status, body } = await upload(path, key());
  expect({ status, body }).toEqual({ status: 200, body: { id: expect.stringMatching(/^\d+$/) } });
  const call = path === '/media' ? stage.d360 : stage.meta;
  const found = await call('GET', `/${body.id}`);
  expect(found).toMatchObject({
    status: 200,
    body: {
      messaging_product: 'whatsapp',
      id: body.id,
      mime_type: 'text/plain',
      file_size: Buffer.byteLength(TEXT),
      sha256: expect.any(String),
      url: expect.stringContaining('https://casement.example/whatsapp_business/attachments?'),
    },
  });
  const file = await download(found.body.url, key());
  expect(file.status).toBe(200);
  expect(file.headers.get('content-type')).toBe('text/plain');
  expect(file.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await file.text()).toBe(TEXT);
  expect((await download(found.body.url, {})).status).toBe(401);
  expect((await call('DELETE', `/${body.id}`)).body).toEqual({ success: true });
  expect((await call('GET', `/${body.id}`)).status).toBe(400);
  expect((await download(found.body.url, key())).status).toBe(400);
});

test('an uploaded file goes out by its id', async () => {
  const { body } = await upload('/media', D360(), form('PDF', 'application/pdf'));
  await stage.wrote('+14155550001');
  const sent = await stage.d360('POST', '/messages', {
    messaging_product: 'whatsapp',
    to: '14155550001',
    type: 'document',
    document: { id: body.id, filename: 'a.pdf' },
  });
  expect(sent.status).toBe(200);
});

test('what the provider does not take is refused with its code', async () => {
  const odd = await upload('/media', D360(), form('x', 'application/x-odd'));
  expect(odd).toMatchObject({ status: 400, body: { error: { code: 100 } } });
});

test('a form is needed, and its length', async () => {
  const noForm = await stage.d360('POST', '/media', { messaging_product: 'whatsapp' });
  expect(noForm).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  const chunked = await fetch(`${stage.api.url}/media`, {
    method: 'POST',
    headers: { ...D360(), 'Content-Type': 'multipart/form-data; boundary=x' },
    body: new Blob(['--x--']).stream(),
    duplex: 'half',
  } as RequestInit);
  expect(chunked.status).toBe(400);
});

test('what is larger than any file may be is refused before it is read', async () => {
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const sending = request(
      `${stage.api.url}/media`,
      {
        method: 'POST',
        headers: {
          ...D360(),
          'Content-Type': 'multipart/form-data; boundary=x',
          'Content-Length': 200 * 1024 * 1024,
        },
      },
      (answer) => {
        resolve(answer.statusCode);
        sending.destroy();
      },
    );
    sending.on('error', reject);
    sending.write('--x');
  });
  expect(status).toBe(413);
});

test('nothing that is no file is described or deleted', async () => {
  for (const id of ['999999', META_NUMBER.wabaId!]) {
    expect((await stage.d360('GET', `/${id}`)).status).toBeGreaterThanOrEqual(400);
    expect((await stage.d360('DELETE', `/${id}`)).status).toBeGreaterThanOrEqual(400);
  }
  expect((await stage.meta('DELETE', '/me')).status).toBe(404);
  expect((await stage.meta('GET', '/me')).status).toBe(404);
});

test("another account's number is not there", async () => {
  const other = await buildWorld(stage.db, { recipients: 0 });
  const foreign = await startApi(stage.db, { accountId: other.accountId });
  const { meta } = callers(foreign, foreign.key);
  const answers = [
    await meta('GET', '/1001'),
    await meta('POST', '/1001/messages', {}),
    await meta('GET', '/1001/block_users'),
    await meta('GET', '/2001/message_templates'),
    await meta('GET', '/2001/subscribed_apps'),
  ];
  // A number that nobody of the account has may be a file, which its provider would know: here, none can be asked.
  expect(answers.map(({ status }) => status)).toEqual([500, 400, 400, 400, 400]);
  expect(answers[1]!.body.error).toMatchObject({ code: 100, error_subcode: 33 });
  await foreign.close();
});
