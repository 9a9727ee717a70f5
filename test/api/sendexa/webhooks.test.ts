import { createHmac } from 'node:crypto';
import { relayAll } from '../../support/events';
import { openWindow } from '../../support/direct';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint';
import { SEND, startSendexa, type SendexaWorld } from '../../support/sendexa';
import { buildListener, lookAt, SECRET, webhookDeps } from '../../support/webhooks';
import { applyTemplateUpdate } from '../../../usecases/templateUpdates';

let sendexa: SendexaWorld;
let receiver: TestEndpoint;

beforeAll(async () => {
  sendexa = await startSendexa();
  receiver = await startEndpoint();
});

afterAll(async () => {
  await receiver.close();
  await sendexa.close();
});

test('what happens to messages and templates is told in the form of the API that sent them', async () => {
  const { db, world } = sendexa;
  const endpoint = await buildListener(db, receiver, world.accountId, 'sendexa');
  const to = '233244000000';
  await openWindow(db, world, `+${to}`);
  const sent = await sendexa.call('POST', SEND, { to, type: 'text', text: { body: 'Hello' } });
  const { messageId, wamid } = sent.body.data;
  await sendexa.report(messageId, 'failed', { code: 131026 });
  const created = await sendexa.call('POST', '/v1/whatsapp/templates', {
    name: 'order_update',
    category: 'UTILITY',
    language: 'en_US',
    components: [{ type: 'BODY', text: 'On its way.' }],
  });
  await applyTemplateUpdate(db, world.sender.id, {
    kind: 'template_status',
    event: 'APPROVED',
    reason: null,
    providerTemplateId: '900',
    name: 'order_update',
    language: 'en_US',
    wabaId: world.sender.waba_id,
    at: new Date(),
  });
  await relayAll(db);
  const { deps, close } = webhookDeps(db);
  await lookAt(deps, endpoint.id);
  await close();
  // Templates are told of beside messages, whose own order holds.
  const told = receiver.posts.map(({ body }) => body);
  const ofTemplates = told.filter(({ event }) => event === 'template.status');
  const ofMessages = told.filter((body) => !ofTemplates.includes(body));
  expect([...ofMessages, ...ofTemplates]).toEqual([
    expect.objectContaining({
      event: 'message.sent',
      data: expect.objectContaining({ messageId, wamid, status: 'sent', to }),
      version: '1',
    }),
    expect.objectContaining({
      event: 'message.failed',
      data: expect.objectContaining({
        messageId,
        error: expect.objectContaining({ code: 'WA002' }),
      }),
    }),
    expect.objectContaining({
      event: 'template.status',
      data: expect.objectContaining({
        templateId: created.body.data.id,
        name: 'order_update',
        status: 'APPROVED',
      }),
    }),
  ]);
  const [{ headers, raw }] = receiver.posts as [(typeof receiver.posts)[number]];
  const mac = createHmac('sha256', SECRET).update(raw).digest('hex');
  expect(headers).toMatchObject({
    'x-signature': `sha256=${mac}`,
    'x-sendexa-signature': mac,
    'x-attempt': '1',
  });
});
