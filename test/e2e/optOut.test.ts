import { randomBytes } from 'node:crypto';
import { DEVELOPMENT } from '../../stack/developmentData';
import { eventually } from '../support/eventually';
import { startTestStack, type CampaignJson, type TestStack } from '../support/stack';

const TEMPLATE = '3fa85f64-5717-4562-b3fc-2c963f66afa6';
const RECIPIENTS = 300;
/** Among the last to be sent to. */
const STOPPER = String(15552000000 + RECIPIENTS - 5);
const OTHER_NUMBER = { phone: '+14155550199', phoneNumberId: '106540352249999' };

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
}, 120_000);

afterAll(() => stack?.stop());

const start = (name: string, from: string, audience: string): Promise<CampaignJson> =>
  stack.api.call('POST', '/v1/campaigns', {
    name,
    channel: 'whatsapp',
    from,
    template: TEMPLATE,
    audience,
  });

async function completed(id: string): Promise<CampaignJson> {
  return eventually(
    async () => {
      const campaign = await stack.api.campaign(id);
      expect(campaign.status).toBe('completed');
      return campaign;
    },
    { withinMs: 60_000 },
  );
}

const reached = async (): Promise<number> => (await stack.simulator.messagesTo(STOPPER)).length;

/** A second number of the business at the same provider. */
async function secondSender(name: string): Promise<void> {
  const { simulator } = stack.stack.description();
  const token = randomBytes(16).toString('hex');
  const created = await stack.api.call<{ hook_url: string }>('POST', '/v1/senders', {
    name,
    channel: 'WHATSAPP',
    phone: OTHER_NUMBER.phone,
    provider: {
      kind: 'cloud_api',
      base_url: simulator,
      version: 'v24.0',
      phone_number_id: OTHER_NUMBER.phoneNumberId,
      waba_id: DEVELOPMENT.wabaId,
      token,
    },
  });
  await stack.simulator.addNumber({
    kind: 'cloud_api',
    ...OTHER_NUMBER,
    wabaId: DEVELOPMENT.wabaId,
    token,
    hookUrl: created.hook_url,
  });
}

test('a STOP in mid-campaign is honoured from then on, by this sender and for this customer alone', async () => {
  const { sender } = stack.stack.description();
  await stack.api.call('PATCH', `/v1/senders/${sender.id}`, { rate_per_second: 40 });
  const audience = await stack.api.audience('everybody', RECIPIENTS);
  const first = await start('first', 'MyBusiness', audience);
  await eventually(
    async () => expect((await stack.simulator.stats()).accepted).toBeGreaterThan(20),
    { withinMs: 30_000 },
  );
  await stack.simulator.inbound(STOPPER, 'STOP');
  const { progress } = await completed(first.id);
  expect(progress).toMatchObject({ total: RECIPIENTS, skipped: 1, failed: 0, unknown: 0 });
  expect(await reached()).toBe(0);

  await stack.api.call('PATCH', `/v1/senders/${sender.id}`, { rate_per_second: 1_000 });
  await stack.simulator.faults({ rate_per_second: 100_000 });
  const second = await completed((await start('second', 'MyBusiness', audience)).id);
  expect(second.progress).toMatchObject({ total: RECIPIENTS, skipped: 1 });
  expect(await reached()).toBe(0);

  await secondSender('OtherBrand');
  const third = await completed((await start('third', 'OtherBrand', audience)).id);
  expect(third.progress).toMatchObject({ total: RECIPIENTS, skipped: 0 });
  expect(await reached()).toBe(1);
}, 180_000);
