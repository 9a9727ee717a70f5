import { DateTime } from 'luxon';
import { createUrlGuard } from '../../../outbound/guard';
import { importTemplates } from '../../../usecases/templateImport';
import { submitTemplates } from '../../../usecases/templateSubmission';
import { startCloud, type CloudStage } from '../../support/cloud';
import { META_NUMBER } from '../../support/simulator';

let stage: CloudStage;

beforeAll(async () => {
  stage = await startCloud();
});

afterAll(() => stage.close());

const PLACES = ['meta', 'd360'] as const;

function create(place: (typeof PLACES)[number], body: object) {
  return place === 'meta'
    ? stage.meta('POST', `/${META_NUMBER.wabaId}/message_templates`, body)
    : stage.d360('POST', '/v1/configs/templates', body);
}

function services() {
  return {
    db: stage.db,
    clock: { now: () => DateTime.utc() },
    urlGuard: createUrlGuard({ allowPrivate: true }),
    providerFor: () => stage.provider,
  };
}

const inputs = [
  {
    type: 'URL',
    url: {
      base_url: 'https://shop.example/{{1}}',
      url_suffix_example: 'https://shop.example/order_update',
    },
  },
];
const asked = (name: string, changes: object = {}) => ({
  name,
  language: 'en_US',
  category: 'UTILITY',
  library_template_name: 'delivery_update_1',
  library_template_button_inputs: inputs,
  ...changes,
});

const message = (name: string, values: string[], suffix: string) => ({
  messaging_product: 'whatsapp',
  to: '+14155550101',
  type: 'template',
  template: {
    name,
    language: { code: 'en_US' },
    components: [
      { type: 'body', parameters: values.map((text) => ({ type: 'text', text })) },
      {
        type: 'button',
        sub_type: 'url',
        index: '0',
        parameters: [{ type: 'text', text: suffix }],
      },
    ],
  },
});

test.each(PLACES)(
  'a template of the library is made at %s, and sent once it is listed',
  async (place) => {
    const name = `my_delivery_update_${place.replace('360', '')}`;
    const send = (...values: string[]) =>
      stage.meta('POST', '/1001/messages', message(name, values, 'o7'));
    const made = await create(place, asked(name));
    expect([200, 201]).toContain(made.status);
    expect(made.body.status.toUpperCase()).toBe('PENDING');
    const read = () => stage.meta('GET', `/${made.body.id}`);
    const unknown = {
      status: 'PENDING',
      components: [],
      library_template_name: 'delivery_update_1',
    };
    expect((await read()).body).toMatchObject(unknown);
    const elsewhere = await stage.api.call('GET', `/v1/templates/${made.body.id}`);
    expect(elsewhere.body.data).toMatchObject({ status: 'IN_PROCESS', text: '' });

    expect(await submitTemplates(services())).toBe(1);
    expect((await read()).body).toMatchObject(unknown);
    expect((await send('Ann', '#7', 'today')).body.error).toMatchObject({ code: 132001 });

    while ((await importTemplates(services())) > 0);
    expect((await read()).body).toMatchObject({
      status: 'APPROVED',
      library_template_name: 'delivery_update_1',
      components: [
        { type: 'BODY', text: expect.stringContaining('your order {{2}}') },
        { type: 'BUTTONS', buttons: [{ type: 'URL', url: 'https://shop.example/{{1}}' }] },
      ],
    });
    expect((await send('Ann', '#7')).body.error).toMatchObject({ code: 132000 });
    expect(await send('Ann', '#7', 'today')).toMatchObject({
      status: 200,
      body: { messages: [{ message_status: 'accepted' }] },
    });
  },
);

test('what the library does not have is rejected, in the provider’s words', async () => {
  const made = await create('meta', asked('nothing', { library_template_name: 'nothing_1' }));
  expect(await submitTemplates(services())).toBe(1);
  expect((await stage.meta('GET', `/${made.body.id}`)).body).toMatchObject({
    status: 'REJECTED',
    rejected_reason: expect.stringContaining('no library template nothing_1'),
  });
});

const components = [{ type: 'BODY', text: 'Hello' }];

test.each([
  [{ library_template_name: undefined }, 'The parameter components is required.'],
  [{ components }, 'cannot be given with library_template_name'],
  [{ components, library_template_name: undefined }, 'library_template_name is required'],
  [{ library_template_name: '' }, 'library_template_name is not valid'],
  [{ library_template_name: 7 }, 'library_template_name must be a string'],
  [{ library_template_button_inputs: 'URL' }, 'library_template_button_inputs must be an array'],
  [{ library_template_button_inputs: [{ type: 'LINK' }] }, 'must be one of {QUICK_REPLY, URL'],
  [{ library_template_button_inputs: [{ type: 'URL', url: {} }] }, "['base_url'] is required"],
  [{ library_template_body_inputs: [] }, 'library_template_body_inputs must be a JSON object'],
  [{ name: 'No Capitals' }, 'name'],
  [{ language: 'english' }, 'language'],
])('%j is refused: %s', async (changes, says) => {
  for (const place of PLACES) {
    const answer = await create(place, asked('refused', changes));
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 100 } } });
    expect(answer.body.error.message).toContain(says);
  }
});
