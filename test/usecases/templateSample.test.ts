import { Readable } from 'node:stream';
import { createTemplate, getTemplate } from '../../usecases/template';
import { submitTemplates } from '../../usecases/templateSubmission';
import type { TemplateHeader } from '../../domain/templateParts';
import { createUrlGuard } from '../../outbound/guard';
import { startFileServer, type FileServer } from '../support/fileServer';
import { draft, openTemplates, type TemplateScene } from '../support/templates';

let scene: TemplateScene;
let server: FileServer;
let served: { status: number; type: string; bytes: string };

beforeEach(async () => {
  scene = await openTemplates();
  served = { status: 200, type: 'image/png', bytes: 'picture' };
  server = await startFileServer((_request, response) => {
    const { status, type, bytes } = served;
    response.writeHead(status, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
  });
});

afterEach(async () => {
  await server.close();
  await scene.close();
});

const linked = (): TemplateHeader => ({
  format: 'image',
  media: { link: `${server.url}/sale.png` },
});

async function submitted(header: TemplateHeader) {
  const { id } = await createTemplate(scene, scene.caller, draft({ header }));
  await submitTemplates(scene);
  return getTemplate(scene, scene.caller, id);
}

test('the file behind a link is uploaded for the review, and goes on being what messages show', async () => {
  const template = await submitted(linked());
  const { samples, submitted: sent } = scene.provider;
  expect(samples).toEqual([
    { filename: 'sample.png', mimeType: 'image/png', bytes: Buffer.from('picture') },
  ]);
  expect(sent).toMatchObject([{ header: { ...linked(), handle: '4::aW' } }]);
  expect(template).toMatchObject({ status: 'in_review', header: { ...linked(), handle: '4::aW' } });
});

test('a file that the provider keeps is taken from there', async () => {
  const content = Readable.from([Buffer.from('%PDF')]);
  const media = { mimeType: 'application/pdf; x=1', sizeBytes: 4, sha256: null };
  scene.provider.media = { kind: 'done', media, content };
  await submitted({ format: 'document', media: { id: '77', filename: 'terms' } });
  expect(scene.provider.samples).toMatchObject([
    { mimeType: 'application/pdf', bytes: Buffer.from('%PDF') },
  ]);
});

describe('the cards of a carousel', () => {
  const card = (header: TemplateHeader) => ({ header, body: '', buttons: [] });

  async function carousel(...headers: TemplateHeader[]) {
    const changes = { category: 'MARKETING' as const, cards: headers.map(card) };
    const { id } = await createTemplate(scene, scene.caller, draft(changes));
    await submitTemplates(scene);
    return getTemplate(scene, scene.caller, id);
  }

  test('have samples of their own', async () => {
    const known: TemplateHeader = { format: 'image', media: null, handle: '4::bX' };
    const template = await carousel(linked(), known);
    expect(scene.provider.samples).toHaveLength(1);
    const cards = [{ header: { ...linked(), handle: '4::aW' } }, { header: known }];
    expect(scene.provider.submitted).toMatchObject([{ cards }]);
    expect(template).toMatchObject({ status: 'in_review', cards });
  });

  test('are rejected with a sample that will not do', async () => {
    served.type = 'text/html';
    expect(await carousel(linked(), linked())).toMatchObject({
      status: 'rejected',
      status_reason: 'The image is no JPG or PNG.',
    });
    expect(scene.provider.submitted).toEqual([]);
  });

  test('show addresses that the guard lets pass', async () => {
    const strict = { ...scene, urlGuard: createUrlGuard({ allowPrivate: false }) };
    const changes = { category: 'MARKETING' as const, cards: [linked(), linked()].map(card) };
    await expect(createTemplate(strict, scene.caller, draft(changes))).rejects.toMatchObject({
      code: 'template_url_invalid',
    });
  });
});

test('a sample that was uploaded before is submitted as it is', async () => {
  await submitted({ format: 'video', media: null, handle: '4::bX' });
  expect(scene.provider.samples).toEqual([]);
  expect(scene.provider.submitted).toMatchObject([{ header: { handle: '4::bX' } }]);
});

test.each([
  ['a page in place of the picture', { type: 'text/html' }, 'The image is no JPG or PNG.'],
  ['a picture that is gone', { status: 404 }, 'The address answers 404.'],
])('%s ends in a rejection that says so', async (_label, changes, reason) => {
  Object.assign(served, changes);
  expect(await submitted(linked())).toMatchObject({ status: 'rejected', status_reason: reason });
  expect(scene.provider.submitted).toEqual([]);
});

test('a file that is too large for WhatsApp is refused', async () => {
  scene.provider.media = { kind: 'too_large', sizeBytes: 200 * 1024 * 1024 };
  const template = await submitted({ format: 'document', media: { id: '77', filename: 'terms' } });
  expect(template).toMatchObject({
    status: 'rejected',
    status_reason: 'The document is too large.',
  });
});

test('what may be over soon is waited for', async () => {
  served.status = 503;
  const template = await submitted(linked());
  expect(template).toMatchObject({ status: 'in_review', submitted_at: null });
  served.status = 200;
  scene.provider.sample = { kind: 'unknown', detail: 'timeout' };
  scene.clock.pass({ hours: 1 });
  expect(await submitTemplates(scene)).toBe(1);
  scene.provider.sample = { kind: 'done', handle: '4::cZ' };
  scene.clock.pass({ hours: 1 });
  expect(await submitTemplates(scene)).toBe(1);
  expect(scene.provider.submitted).toMatchObject([{ header: { handle: '4::cZ' } }]);
});
