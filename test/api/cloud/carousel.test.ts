import { Readable } from 'node:stream';
import { DateTime } from 'luxon';
import { createUrlGuard } from '../../../outbound/guard';
import { importTemplates } from '../../../usecases/templateImport';
import { submitTemplates } from '../../../usecases/templateSubmission';
import { META_NUMBER } from '../../support/simulator';
import { startCloud, type CloudStage } from '../../support/cloud';
import { eventually } from '../../support/eventually';

let stage: CloudStage;
const TO = '+14155550101';

beforeAll(async () => {
  stage = await startCloud();
});

afterAll(() => stage.close());

/** Uploads a file for the review, as an author does before the template is made. */
async function handle(): Promise<string> {
  const outcome = await stage.provider.uploadSample({
    filename: 'a.png',
    mimeType: 'image/png',
    sizeBytes: 7,
    content: Readable.from([Buffer.from('picture')]),
  });
  if (outcome.kind !== 'done') throw new Error(outcome.detail);
  return outcome.handle;
}

const card = (sample: string) => ({
  components: [
    { type: 'HEADER', format: 'IMAGE', example: { header_handle: [sample] } },
    { type: 'BODY', text: 'Only {{1}} EUR', example: { body_text: [['5']] } },
    {
      type: 'BUTTONS',
      buttons: [
        { type: 'QUICK_REPLY', text: 'More' },
        {
          type: 'URL',
          text: 'Buy',
          url: 'https://shop.example/{{1}}',
          example: ['https://shop.example/a'],
        },
      ],
    },
  ],
});

const carousel = (cards: object[]) => ({
  name: 'offers',
  language: 'en_US',
  category: 'MARKETING',
  components: [
    { type: 'BODY', text: 'Hi {{1}}, look:', example: { body_text: [['Ann']] } },
    { type: 'CAROUSEL', cards },
  ],
});

const filled = (index: number, price: string) => ({
  card_index: index,
  components: [
    {
      type: 'header',
      parameters: [{ type: 'image', image: { link: `https://cdn.example/${index}.png` } }],
    },
    { type: 'body', parameters: [{ type: 'text', text: price }] },
    {
      type: 'button',
      sub_type: 'quick_reply',
      index: '0',
      parameters: [{ type: 'payload', payload: `more-${index}` }],
    },
    {
      type: 'button',
      sub_type: 'url',
      index: '1',
      parameters: [{ type: 'text', text: `p${index}` }],
    },
  ],
});

const message = (...cards: object[]) => ({
  messaging_product: 'whatsapp',
  to: TO,
  type: 'template',
  template: {
    name: 'offers',
    language: { code: 'en_US' },
    components: [
      { type: 'body', parameters: [{ type: 'text', text: 'Ann' }] },
      { type: 'carousel', cards },
    ],
  },
});

test('a carousel is created, reviewed, and sent card by card', async () => {
  const deps = {
    db: stage.db,
    clock: { now: () => DateTime.utc() },
    urlGuard: createUrlGuard({ allowPrivate: true }),
    providerFor: () => stage.provider,
  };
  const asked = carousel([card(await handle()), card(await handle())]);
  const made = await stage.meta('POST', `/${META_NUMBER.wabaId}/message_templates`, asked);
  expect(made).toMatchObject({ status: 200, body: { status: 'PENDING', category: 'MARKETING' } });
  const listed = await stage.d360('GET', '/v1/configs/templates?name=offers');
  expect(listed.body.waba_templates).toMatchObject([{ components: asked.components }]);
  expect(await stage.meta('POST', '/1001/messages', message())).toMatchObject({
    status: 404,
    body: { error: { code: 132001 } },
  });

  expect(await submitTemplates(deps)).toBe(1);
  await eventually(async () => {
    await stage.db.updateTable('senders').set({ templates_listed_at: null }).execute();
    await importTemplates(deps);
    const { body } = await stage.meta('GET', `/${made.body.id}`);
    expect(body.status).toBe('APPROVED');
  });

  const short = await stage.meta('POST', '/1001/messages', message(filled(0, '5')));
  expect(short).toMatchObject({
    status: 400,
    body: { error: { code: 132012, error_data: { details: expect.stringContaining('cards') } } },
  });
  const sent = message(filled(0, '5'), filled(1, '9'));
  expect(await stage.meta('POST', '/1001/messages', sent)).toMatchObject({
    status: 200,
    body: { messages: [{ message_status: 'accepted' }] },
  });
  const [posted] = await stage.settled(1);
  expect(posted?.body.template).toMatchObject(sent.template);
});

test.each([
  ['one card', 1, '2 to 10'],
  ['eleven cards', 11, '2 to 10'],
])('a carousel of %s is refused', async (_what, count, says) => {
  const asked = carousel(Array.from({ length: count }, () => card('4::a')));
  for (const answer of [
    await stage.meta('POST', `/${META_NUMBER.wabaId}/message_templates`, asked),
    await stage.d360('POST', '/v1/configs/templates', asked),
  ]) {
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 100 } } });
    expect(answer.body.error.message).toContain(says);
  }
});
