import { templateMessage } from '../../domain/templateMessage';

const template = {
  name: 'order_shipped',
  language: 'en_US',
  header: { format: 'document', media: null } as const,
  body: 'Order {{order_id}} arrives {{eta}}.',
  footer: null,
  buttons: [{ type: 'url', text: 'Track', url: 'https://shop.example/t/{{1}}' } as const],
};

test('a message shows its header, its values and its link', () => {
  const { content, text } = templateMessage(template, {
    values: { order_id: '7', eta: 'Friday', button_1: 'abc' },
    header: { link: 'https://cdn.example/bill.pdf', filename: 'bill' },
  });
  expect(text).toBe('Order 7 arrives Friday.');
  expect(content).toEqual({
    type: 'template',
    name: 'order_shipped',
    language: 'en_US',
    components: [
      {
        type: 'header',
        parameters: [{ type: 'document', link: 'https://cdn.example/bill.pdf', filename: 'bill' }],
      },
      {
        type: 'body',
        parameters: [
          { type: 'text', text: '7', name: 'order_id' },
          { type: 'text', text: 'Friday', name: 'eta' },
        ],
      },
      { type: 'button', subType: 'url', index: 0, parameters: [{ type: 'text', text: 'abc' }] },
    ],
  });
});

test.each([
  [{ values: ['7', 'Friday', 'abc'] }, 'template_header_required'],
  [{ values: ['7', 'Friday'], header: { id: '1' } }, 'template_variable_missing'],
  [
    { values: ['7', 'Friday', 'abc'], header: { id: '1' }, longest: 5 },
    'template_variable_too_long',
  ],
])('%j is refused with %s', (filling, code) => {
  expect(() => templateMessage(template, filling)).toThrow(expect.objectContaining({ code }));
});
