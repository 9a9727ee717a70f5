import { createServer, type Server } from 'node:http';
import type { OutboundMessage, Provider, ProviderSettings } from '../../domain/ports';
import { createProvider } from '../../providers/registry';
import {
  d360Settings,
  metaSettings,
  startSimulator,
  type TestSimulator,
} from '../support/simulator';

const OPTIONS = { connections: 4, timeoutMs: 2000 };

const hello: OutboundMessage = {
  to: '+14155550100',
  reference: 'message-1',
  content: {
    type: 'template',
    name: 'hello',
    language: 'en_US',
    components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ann' }] }],
  },
};

const submission = {
  name: 'new_offer',
  language: 'en_US',
  category: 'MARKETING' as const,
  header: null,
  body: 'Hello {{1}}',
  footer: null,
  buttons: [],
  examples: { 1: 'Ann' },
};

let simulator: TestSimulator;
const opened: Provider[] = [];
const open = (settings: ProviderSettings, timeoutMs = OPTIONS.timeoutMs) => {
  const provider = createProvider(settings, { ...OPTIONS, timeoutMs });
  opened.push(provider);
  return provider;
};

beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.sim('POST', '/reset'));
afterAll(async () => {
  await simulator.close();
  await Promise.all(opened.map((provider) => provider.close()));
});

describe.each([
  ['cloud_api', metaSettings],
  ['360dialog', d360Settings],
])('%s', (_kind, settingsFor) => {
  let provider: Provider;
  beforeAll(() => {
    provider = open(settingsFor(simulator.url));
  });

  test('a message is accepted with its id, its number with a plus and our reference', async () => {
    const outcome = await provider.send(hello);
    expect(outcome).toEqual({
      kind: 'accepted',
      wamid: expect.stringMatching(/^wamid\./),
      held: false,
    });
    const { messages } = await simulator.sim<{ messages: object[] }>(
      'GET',
      '/messages?to=14155550100',
    );
    expect(messages).toMatchObject([
      { reference: 'message-1', template: 'hello', body: { to: '+14155550100' } },
    ]);
  });

  test('a held message is accepted as held', async () => {
    await simulator.sim('PUT', '/faults', { held: { every: 1 } });
    expect(await provider.send(hello)).toMatchObject({ kind: 'accepted', held: true });
  });

  test('an error body is a rejection with its code, whatever the status', async () => {
    for (const code of [130429, 131057, 3, 131056]) {
      await simulator.sim('PUT', '/faults', { reject: { code } });
      expect(await provider.send(hello)).toMatchObject({ kind: 'rejected', code });
    }
  });

  test('the wait that a rejection asks for is passed on', async () => {
    await simulator.sim('PUT', '/faults', { reject: { code: 4, retry_after_seconds: 7 } });
    expect(await provider.send(hello)).toMatchObject({ code: 4, retryAfterMs: 7000 });
  });

  test('a connection cut after the message went out is unknown', async () => {
    await simulator.sim('PUT', '/faults', { reset_after_accept: { every: 1 } });
    expect(await provider.send(hello)).toMatchObject({ kind: 'unknown' });
    expect(await simulator.sim('GET', '/stats')).toMatchObject({ accepted: 1 });
  });

  test('a 200 that names no message is unknown', async () => {
    await simulator.sim('PUT', '/faults', { no_wamid: { every: 1 } });
    expect(await provider.send(hello)).toMatchObject({ kind: 'unknown' });
  });

  test.each([true, false])(
    'a 500 without an error body is unknown (accepted: %s)',
    async (after) => {
      await simulator.sim('PUT', '/faults', { server_error: { every: 1, after_accept: after } });
      expect(await provider.send(hello)).toMatchObject({ kind: 'unknown' });
    },
  );

  test('a gateway that is too busy leaves it open at Meta, and is a refusal at 360dialog', async () => {
    await simulator.sim('PUT', '/faults', { server_error: { status: 503 } });
    expect(await provider.send(hello)).toMatchObject(
      _kind === 'cloud_api' ? { kind: 'unknown' } : { kind: 'rejected', code: -503 },
    );
  });

  test('no answer within the timeout is unknown', async () => {
    await simulator.sim('PUT', '/faults', { hang: { every: 1 } });
    const impatient = open(settingsFor(simulator.url), 300);
    expect(await impatient.send(hello)).toMatchObject({ kind: 'unknown' });
  });

  test('a wrong token stops the sender', async () => {
    const stranger = open({ ...settingsFor(simulator.url), token: 'wrong' });
    // Meta's own code, or 360dialog's refusal, which has none.
    const code = _kind === 'cloud_api' ? 190 : -401;
    expect(await stranger.send(hello)).toMatchObject({ kind: 'rejected', code });
  });

  test('a template is submitted and stays pending, and twice is refused', async () => {
    const name = `offer_${_kind === 'cloud_api' ? 'meta' : 'd360'}`;
    expect(await provider.submitTemplate({ ...submission, name })).toEqual({
      kind: 'submitted',
      providerTemplateId: expect.stringMatching(/^\d+$/),
      status: 'PENDING',
    });
    expect(await provider.submitTemplate({ ...submission, name })).toMatchObject({
      kind: 'rejected',
      code: 100,
    });
  });
});

test('a refused connection is a rejection, because no byte was sent', async () => {
  const gone = await startSimulator();
  await gone.close();
  const provider = open(metaSettings(gone.url));
  expect(await provider.send(hello)).toMatchObject({ kind: 'rejected', code: -1 });
  const nowhere = open(metaSettings('http://no-such-host.invalid'));
  expect(await nowhere.send(hello)).toMatchObject({ kind: 'rejected', code: -1 });
});

describe('answers without an error code', () => {
  let server: Server;
  let url: string;
  let status = 200;
  let path = '';
  beforeAll(async () => {
    server = createServer((request, response) => {
      path = request.url ?? '';
      request.resume();
      response.statusCode = status;
      response.end('<html>Service says no</html>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ['cloud_api', 401, { kind: 'rejected', code: -401 }],
    ['cloud_api', 429, { kind: 'rejected', code: -429 }],
    ['cloud_api', 400, { kind: 'rejected', code: -400 }],
    ['cloud_api', 503, { kind: 'unknown' }],
    ['cloud_api', 200, { kind: 'unknown' }],
    ['360dialog', 503, { kind: 'rejected', code: -503 }],
    ['360dialog', 502, { kind: 'unknown' }],
  ] as const)('%s, HTTP %i', async (kind, answered, expected) => {
    status = answered;
    const provider = open(kind === 'cloud_api' ? metaSettings(url) : d360Settings(url));
    expect(await provider.send(hello)).toMatchObject(expected);
  });

  test('a path in the base URL is kept', async () => {
    status = 200;
    await open(metaSettings(`${url}/gateway/`)).send(hello);
    expect(path).toBe('/gateway/v24.0/1001/messages');
  });
});

test('a cloud_api sender without its number is refused, without an account it submits nothing', async () => {
  const settings = metaSettings(simulator.url);
  expect(() => createProvider({ ...settings, phoneNumberId: null }, OPTIONS)).toThrow(
    'phone_number_id',
  );
  const provider = open({ ...settings, wabaId: null });
  expect(await provider.submitTemplate(submission)).toMatchObject({ kind: 'rejected', code: 100 });
});
