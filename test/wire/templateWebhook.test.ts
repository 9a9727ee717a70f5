import { parseWebhook } from '../../wire/webhook';

const RECEIVED = new Date('2026-05-01T12:00:00Z');
const TIME = 1_777_000_000;

const template = {
  message_template_id: 1689556908129832,
  message_template_name: 'offer',
  message_template_language: 'pt-BR',
};

function parse(field: string, value: object, entry: object = { time: TIME }) {
  const changes = [{ field, value: { ...template, ...value } }];
  return parseWebhook({ entry: [{ id: 'waba', ...entry, changes }] }, RECEIVED);
}

const about = {
  providerTemplateId: '1689556908129832',
  name: 'offer',
  language: 'pt_BR',
  wabaId: 'waba',
  at: new Date(TIME * 1000),
};

/** label, field, value, what it says */
const NEWS: [string, string, object, object][] = [
  [
    'a status, in whatever case',
    'message_template_status_update',
    { event: 'paused', reason: null },
    { kind: 'template_status', event: 'PAUSED', reason: null },
  ],
  [
    'a status without its reason',
    'message_template_status_update',
    { event: 'APPROVED' },
    { kind: 'template_status', event: 'APPROVED', reason: null },
  ],
  [
    'quality',
    'message_template_quality_update',
    { previous_quality_score: 'GREEN', new_quality_score: 'YELLOW' },
    { kind: 'template_quality', quality: 'YELLOW' },
  ],
  [
    'quality, as Meta’s own page shows it',
    'message_template_status_update',
    { previous_quality_score: 'GREEN', new_quality_score: 'RED' },
    { kind: 'template_quality', quality: 'RED' },
  ],
  [
    'a category',
    'template_category_update',
    { previous_category: 'UTILITY', new_category: 'MARKETING' },
    { kind: 'template_category', category: 'MARKETING' },
  ],
  [
    'a category that will change is still the old one',
    'template_category_update',
    { new_category: 'UTILITY', correct_category: 'MARKETING', category_update_timestamp: TIME },
    { kind: 'template_category', category: 'UTILITY' },
  ],
  [
    'an edit',
    'message_template_components_update',
    { message_template_element: 'Hi {{1}}' },
    { kind: 'template_content' },
  ],
];

test.each(NEWS)('%s', (_label, field, value, told) => {
  expect(parse(field, value)).toEqual([{ ...about, ...told }]);
});

test('without a time of its own it counts from its receipt', () => {
  expect(parse('message_template_status_update', { event: 'PAUSED' }, {})).toMatchObject([
    { at: RECEIVED },
  ]);
});

test.each([
  ['a status without an event', 'message_template_status_update', {}],
  ['a category that says nothing', 'template_category_update', { correct_category: 'X' }],
  ['no template', 'message_template_quality_update', { message_template_id: null }],
])('%s is kept as it is', (_label, field, value) => {
  expect(parse(field, value)).toEqual([{ kind: 'other', field, raw: { ...template, ...value } }]);
});
