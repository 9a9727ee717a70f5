import { eventually } from '../support/eventually';
import { startReceiver, type Receiver } from '../support/receiver';
import { startSimulator, type TestSimulator } from '../support/simulator';

let receiver: Receiver;
let simulator: TestSimulator;
beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startSimulator(receiver.url);
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const META = '/v24.0/2001/message_templates';
const LINK = {
  type: 'URL',
  url: { base_url: 'https://shop.example/{{1}}', url_suffix_example: 'https://shop.example/a' },
};
const asked = (changes: object = {}) => ({
  name: 'mine',
  language: 'en_US',
  category: 'UTILITY',
  library_template_name: 'delivery_update_1',
  library_template_button_inputs: [LINK],
  ...changes,
});
const buttons = (...inputs: object[]) => ({ library_template_button_inputs: inputs });

test.each([
  ['an unknown name', { library_template_name: 'nothing_1' }, 'no library template nothing_1'],
  ['a name of JavaScript', { library_template_name: 'constructor' }, 'no library template'],
  ['another language', { language: 'de' }, 'in de'],
  ['another category', { category: 'MARKETING' }, 'category UTILITY'],
  ['no button inputs', { library_template_button_inputs: undefined }, 'button inputs (URL)'],
  ['a button too many', buttons(LINK, LINK), 'not (URL, URL)'],
  ['another button', buttons({ type: 'PHONE_NUMBER', phone_number: '+16315551010' }), '(URL)'],
  ['a link without address', buttons({ type: 'URL' }), 'needs a url'],
  [
    'a link without example',
    buttons({ type: 'URL', url: { base_url: 'https://shop.example/{{1}}' } }),
    'needs an example',
  ],
  ['an address that is none', buttons({ type: 'URL', url: { base_url: 'shop' } }), 'not valid'],
  ['buttons where there are none', { library_template_name: 'delivery_confirmation_1' }, '()'],
  ['components beside it', { components: [] }, 'Unexpected key'],
  ['an unknown key of a button', buttons({ ...LINK, text: 'Go' }), 'Unexpected key'],
  ['an unknown body input', { library_template_body_inputs: { add_all: true } }, 'Unexpected key'],
])('%s is refused', async (_what, changes, says) => {
  const { status, json } = await simulator.call('POST', META, asked(changes));
  expect(status).toBe(400);
  expect(json.error?.code).toBe(100);
  expect(JSON.stringify(json)).toContain(says);
});

test('a template of the library is approved at once, told by webhook, and listed with its parts', async () => {
  const { json: made } = await simulator.call('POST', META, asked());
  expect(made).toMatchObject({ status: 'APPROVED', category: 'UTILITY' });
  await eventually(() =>
    expect(receiver.updates('template_status')).toMatchObject([
      { name: 'mine', event: 'APPROVED', language: 'en_US' },
    ]),
  );
  const { json } = await simulator.call('GET', `${META}?name=mine`);
  expect(json.data).toMatchObject([
    {
      status: 'APPROVED',
      library_template_name: 'delivery_update_1',
      components: [
        { type: 'BODY', example: { body_text: [['Jim', '#12345', 'January 1st']] } },
        {
          type: 'BUTTONS',
          buttons: [
            { type: 'URL', url: 'https://shop.example/{{1}}', example: ['https://shop.example/a'] },
          ],
        },
      ],
    },
  ]);
});

test('one without buttons takes no inputs, at 360dialog’s place as well', async () => {
  const { library_template_button_inputs: _none, ...plain } = asked({
    library_template_name: 'delivery_confirmation_1',
  });
  const { status, json } = await simulator.call('POST', '/v1/configs/templates', plain);
  expect(status).toBe(201);
  expect(json).toMatchObject({ status: 'approved', components: [{ type: 'BODY' }] });
});
