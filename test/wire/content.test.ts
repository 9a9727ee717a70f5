import { parseContent } from '../../wire/content';
import { sendBody } from '../../wire/cloudApi';
import { CONTENTS } from '../support/contents';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const send = { to: '+14155550100', reference: 'r1' };

test.each(CONTENTS)('$name goes out as the Cloud API takes it', ({ content, wire }) => {
  expect(json(sendBody({ ...send, content }))).toEqual({
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '+14155550100',
    type: content.type,
    biz_opaque_callback_data: 'r1',
    [content.type]: wire,
  });
});

test.each(CONTENTS)('$name is itself again after it was stored', ({ content }) => {
  expect(parseContent(json(content))).toEqual(content);
});

test('an answer quotes its message, and a hidden number is addressed by its user id', () => {
  const body = sendBody({
    to: 'US.13491208655302741918',
    reference: 'r1',
    context: { wamid: 'wamid.A' },
    content: { type: 'text', body: 'Hi' },
  });
  expect(json(body)).toEqual({
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    recipient: 'US.13491208655302741918',
    type: 'text',
    context: { message_id: 'wamid.A' },
    biz_opaque_callback_data: 'r1',
    text: { body: 'Hi', preview_url: false },
  });
});

test('what lies beside a content does not go out', () => {
  const content = { type: 'image', id: '1', storedAs: 'x' } as const;
  expect(json(sendBody({ ...send, content }))).toMatchObject({ image: { id: '1' } });
  expect(parseContent({ type: 'sticker', id: '1', extra: true })).toEqual({
    type: 'sticker',
    id: '1',
  });
});

test.each([
  [{ type: 'hologram' }],
  [{ type: 'text' }],
  [{ type: 'image' }],
  [{ type: 'image', id: '1', link: 'https://example.com/a.png' }],
  [{ type: 'interactive', body: 'x', action: { type: 'flow', cta: 'x' } }],
  [{ type: 'interactive', body: 'x', action: { type: 'juggle' } }],
  ['text'],
  [null],
])('%j is no content', (stored) => {
  expect(() => parseContent(stored)).toThrow();
});
