import { createServer, type Server } from 'node:http';
import type {
  OutboundMessage,
  Provider,
  ProviderTemplate,
  TemplateSubmission,
} from '../../domain/ports';
import { createProvider } from '../../providers/registry';
import {
  D360_NUMBER,
  d360Settings,
  META_NUMBER,
  metaSettings,
  startSimulator,
  type TestSimulator,
} from '../support/simulator';

/** Everything a provider does beside sending: read marks, health, templates, marketing messages. */

const OPTIONS = { connections: 2, timeoutMs: 5000 };
const TO = '+14155550100';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.sim('POST', '/reset'));
afterAll(() => simulator.close());

async function allTemplates(provider: Provider): Promise<ProviderTemplate[]> {
  const all: ProviderTemplate[] = [];
  for (let next: string | null | undefined; next !== null;) {
    const page = await provider.listTemplates(next ?? null);
    if (page.kind !== 'done') throw new Error(page.detail);
    all.push(...page.templates);
    next = page.next;
  }
  return all;
}

describe.each([
  ['cloud_api', META_NUMBER, metaSettings],
  ['360dialog', D360_NUMBER, d360Settings],
] as const)('%s', (kind, number, settingsFor) => {
  let provider: Provider;
  beforeAll(() => {
    provider = createProvider(settingsFor(simulator.url), OPTIONS);
  });
  afterEach(() => simulator.sim('PUT', '/numbers', [number]));
  afterAll(() => provider.close());

  const conversation = () =>
    simulator.sim<{ typing: boolean; messages: { direction: string; status: string }[] }>(
      'GET',
      `/conversation?number=${number.phoneNumberId}&user=${TO}`,
    );

  test("a customer's messages are marked as read, up to the one that is named", async () => {
    const write = (text: string) =>
      simulator.sim<{ id: string }>('POST', '/inbound', {
        from: TO,
        to: number.phoneNumberId,
        text,
      });
    await write('one');
    const { id } = await write('two');
    await write('three');
    expect(await provider.markRead(id)).toEqual({ kind: 'done' });
    expect((await conversation()).messages.map(({ status }) => status)).toEqual([
      'read',
      'read',
      'delivered',
    ]);
    expect((await conversation()).typing).toBe(false);
  });

  test('a typing indicator shows until the answer', async () => {
    const { id } = await simulator.sim<{ id: string }>('POST', '/inbound', {
      from: TO,
      to: number.phoneNumberId,
      text: 'Hi',
    });
    await provider.markRead(id, { typing: true });
    expect((await conversation()).typing).toBe(true);
    await provider.send({ to: TO, reference: 'r1', content: { type: 'text', body: 'Hello' } });
    expect((await conversation()).typing).toBe(false);
  });

  test('a message that no customer sent cannot be marked', async () => {
    expect(await provider.markRead('wamid.nothing')).toMatchObject({ kind: 'rejected', code: 100 });
  });

  test('a healthy number is available', async () => {
    const outcome = await provider.health();
    expect(outcome).toMatchObject({ kind: 'done', health: { canSend: 'available', problems: [] } });
  });

  test.each([
    ['LIMITED', 'limited', null, 'display name'],
    ['BLOCKED', 'blocked', 141006, 'payment'],
  ] as const)('a number that is %s says why', async (canSend, expected, code, says) => {
    await simulator.sim('PUT', '/numbers', [
      { ...number, canSend, quality: 'RED', dailyLimit: 2000 },
    ]);
    const outcome = await provider.health();
    expect(outcome).toMatchObject({
      kind: 'done',
      health: {
        canSend: expected,
        problems: [{ entity: 'PHONE_NUMBER', code, detail: expect.stringContaining(says) }],
        // 360dialog tells the health alone.
        quality: kind === 'cloud_api' ? 'RED' : null,
        verifiedName: kind === 'cloud_api' ? 'Simulated business' : null,
        messagingLimit: kind === 'cloud_api' ? 'TIER_2K' : null,
      },
    });
  });

  test('templates are listed page by page, with their parts', async () => {
    const { wabaId } = number;
    await simulator.sim(
      'PUT',
      '/templates',
      Array.from({ length: 120 }, (_, n) => ({ wabaId, name: `many_${n}`, body: 'Hello!' })),
    );
    const first = await provider.listTemplates(null);
    if (first.kind !== 'done') throw new Error(first.detail);
    expect(first.templates).toHaveLength(100);
    expect(first.templates[0]).toEqual({
      providerTemplateId: expect.stringMatching(/^\d+$/),
      name: 'hello',
      language: 'en_US',
      category: 'MARKETING',
      status: 'APPROVED',
      parameterFormat: 'positional',
      components: [{ type: 'BODY', text: 'Hello {{1}}' }],
      quality: null,
      rejectedReason: null,
    });
    expect(first.templates[1]).toMatchObject({ name: 'named', parameterFormat: 'named' });
    const second = await provider.listTemplates(first.next);
    if (second.kind !== 'done') throw new Error(second.detail);
    expect(second.next).toBeNull();
    const names = [...first.templates, ...second.templates].map(({ name }) => name);
    expect(new Set(names).size).toBe(123);
  });

  test('a template with a sample is uploaded, submitted, and found as it was made', async () => {
    const bytes = Buffer.from('a picture');
    async function* content() {
      yield bytes;
    }
    const sample = await provider.uploadSample({
      mimeType: 'image/png',
      filename: 'a b.png',
      sizeBytes: bytes.length,
      content: content(),
    });
    if (sample.kind !== 'done') throw new Error(sample.detail);
    const submission: TemplateSubmission = {
      name: `pictured_${number.wabaId}`,
      language: 'en_US',
      category: 'MARKETING',
      header: { format: 'image', media: null, handle: sample.handle },
      body: 'Hello {{1}}!',
      footer: 'Reply STOP',
      buttons: [
        { type: 'url', text: 'Shop', url: 'https://example.com/{{1}}' },
        { type: 'copy_code' },
        { type: 'quick_reply', text: 'More' },
      ],
      examples: { '1': 'Ann', button_1: 'spring', button_2: 'SAVE10' },
    };
    expect(await provider.submitTemplate(submission)).toMatchObject({
      kind: 'submitted',
      status: 'PENDING',
    });
    const listed = (await allTemplates(provider)).find(({ name }) => name === submission.name);
    expect(listed).toMatchObject({
      components: [
        { type: 'HEADER', format: 'IMAGE', example: { header_handle: [sample.handle] } },
        { type: 'BODY', text: 'Hello {{1}}!' },
        { type: 'FOOTER', text: 'Reply STOP' },
        { type: 'BUTTONS', buttons: [{ type: 'URL' }, { type: 'COPY_CODE' }, {}] },
      ],
    });
    const unknown = { format: 'image', media: null, handle: '4::nothing' } as const;
    expect(
      await provider.submitTemplate({ ...submission, name: 'unknown', header: unknown }),
    ).toMatchObject({ kind: 'rejected', code: 100, detail: expect.stringContaining('handle') });
  });

  test('one language of a template is deleted by its id, all of them by the name', async () => {
    const { wabaId } = number;
    await simulator.sim(
      'PUT',
      '/templates',
      ['en_US', 'de', 'fr'].map((language) => ({ wabaId, name: 'gone', language, body: 'Hi!' })),
    );
    const languages = async () =>
      (await allTemplates(provider)).filter(({ name }) => name === 'gone');
    const [english] = await languages();
    await provider.deleteTemplate({
      name: 'gone',
      providerTemplateId: english!.providerTemplateId,
    });
    expect((await languages()).map(({ language }) => language)).toEqual(['de', 'fr']);
    expect(await provider.deleteTemplate({ name: 'gone' })).toMatchObject({ kind: 'done' });
    expect(await languages()).toEqual([]);
    expect(await provider.deleteTemplate({ name: 'gone' })).toMatchObject({ kind: 'rejected' });
  });

  test('marketing goes by its own address, which takes nothing else', async () => {
    const offer: OutboundMessage = {
      to: TO,
      reference: 'r1',
      marketing: { activitySharing: true },
      content: { type: 'template', name: 'plain', language: 'en_US', components: [] },
    };
    expect(await provider.send(offer)).toMatchObject({ kind: 'accepted' });
    const { messages } = await simulator.sim<{ messages: object[] }>('GET', '/messages');
    expect(messages).toMatchObject([
      { category: 'marketing_lite', body: { message_activity_sharing: true } },
    ]);
    const text = { ...offer, content: { type: 'text', body: 'Hi' } } as const;
    expect(await provider.send(text)).toMatchObject({
      kind: 'rejected',
      code: 100,
      detail: 'Message must be a template message.',
    });
    const utility: OutboundMessage['content'] = {
      type: 'template',
      name: 'named',
      language: 'en_US',
      components: [
        { type: 'body', parameters: [{ type: 'text', text: 'Ann', name: 'first_name' }] },
      ],
    };
    expect(await provider.send({ ...offer, content: utility })).toMatchObject({
      kind: 'rejected',
      code: 131055,
    });
  });
});

describe('answers that say nothing', () => {
  let server: Server;
  let provider: Provider;
  let answer: { status: number; body: string };
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.statusCode = answer.status;
      response.end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    provider = createProvider(metaSettings(`http://127.0.0.1:${port}`), OPTIONS);
  });
  afterAll(async () => {
    await provider.close();
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ['markRead', 200, '{}', 'unknown'],
    ['health', 200, '{"health_status":{}}', 'unknown'],
    ['listTemplates', 200, '<html>', 'unknown'],
    ['findMedia', 200, '{"url":"file:///etc/passwd"}', 'unknown'],
    ['health', 500, '<html>', 'unknown'],
    ['listTemplates', 404, '', 'rejected'],
    ['deleteMedia', 400, '{"error":{"code":100,"message":"no"}}', 'rejected'],
  ] as const)('%s, HTTP %i %s is %s', async (operation, status, body, kind) => {
    answer = { status, body };
    const calls = {
      markRead: () => provider.markRead('w'),
      health: () => provider.health(),
      listTemplates: () => provider.listTemplates(null),
      findMedia: () => provider.findMedia('1'),
      deleteMedia: () => provider.deleteMedia('1'),
    };
    expect(await calls[operation]()).toMatchObject({ kind });
  });

  test('odd entries of a list are left out, and unknown words are kept', async () => {
    const data = [
      5,
      { name: 'nameless' },
      { id: 7, name: 'a', language: 'en', category: 'utility', status: 'in_appeal' },
    ];
    answer = { status: 200, body: JSON.stringify({ data }) };
    expect(await provider.listTemplates(null)).toMatchObject({
      kind: 'done',
      next: null,
      templates: [{ providerTemplateId: '7', status: 'IN_APPEAL', components: [] }],
    });
  });
});
