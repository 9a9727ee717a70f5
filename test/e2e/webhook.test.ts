import { startEndpoint, type TestEndpoint } from '../support/endpoint';
import { eventually } from '../support/eventually';
import { openStream, type EventStream } from '../support/eventStream';
import { startTestStack, type CampaignJson, type TestStack } from '../support/stack';

const RECIPIENTS = 300;
const TEMPLATE = '3fa85f64-5717-4562-b3fc-2c963f66afa6';

let stack: TestStack;
let receiver: TestEndpoint;
let stream: EventStream;

beforeAll(async () => {
  receiver = await startEndpoint();
  stack = await startTestStack();
  const { api, keys } = stack.stack.description();
  stream = await openStream({ url: api, key: keys.dexatel });
}, 120_000);

afterAll(async () => {
  stream?.close();
  await stack?.stop();
  await receiver?.close();
});

interface DeliveryBody {
  message_id: string;
  campaign_id: string;
  status: string;
}

/** What the receiver was told of each message of the campaign, in the order of arrival. */
function toldOf(campaign: CampaignJson): Map<string, string[]> {
  const told = new Map<string, string[]>();
  for (const { body } of receiver.posts) {
    const { campaign_id, message_id, status } = (body as { data: DeliveryBody }).data;
    if (campaign_id === campaign.id)
      told.set(message_id, [...(told.get(message_id) ?? []), status]);
  }
  return told;
}

test('every delivery reaches a receiver that fails now and then, though the worker is killed', async () => {
  await stack.simulator.faults({ rate_per_second: 100_000 });
  await stack.api.call('POST', '/v1/webhooks', {
    url: receiver.url,
    event: 'delivery',
    secret: 'shared',
  });
  receiver.answer = (_, number) => (number % 11 === 0 ? 500 : 200);
  const audience = await stack.api.audience('webhook', RECIPIENTS);
  const campaign = await stack.api.call<CampaignJson>('POST', '/v1/campaigns', {
    name: 'webhook',
    channel: 'whatsapp',
    from: 'MyBusiness',
    template: TEMPLATE,
    audience,
  });
  await eventually(() => receiver.posts.length > 30, { withinMs: 60_000 });
  process.kill(stack.stack.description().pids.worker!, 'SIGKILL');

  // What was on its way when the worker died may never have reached the provider: nobody can tell of that.
  const arrived = await eventually(
    async () => {
      const { progress } = await stack.api.campaign(campaign.id);
      expect(progress.delivered + progress.read + progress.unknown).toBe(RECIPIENTS);
      return progress.delivered + progress.read;
    },
    { withinMs: 90_000, everyMs: 200 },
  );
  await eventually(() => expect(toldOf(campaign).size).toBe(arrived), { withinMs: 60_000 });
  const statuses = [...toldOf(campaign).values()].flat();
  expect(new Set(statuses)).toEqual(new Set(['delivered']));

  const of = (name: string) =>
    stream.told.filter(({ event, data }) => event === name && data.campaign_id === campaign.id);
  // The workflow goes on once Temporal has given up on the dead worker.
  await eventually(
    () =>
      expect(of('campaign.status').map(({ data }) => data.status)).toEqual([
        'in_progress',
        'completed',
      ]),
    { withinMs: 60_000 },
  );
  expect(of('campaign.progress').length).toBeGreaterThan(1);
  expect(of('message.delivered').length).toBe(arrived);
}, 240_000);
