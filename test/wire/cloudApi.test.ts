import {
  asciiJson,
  parseErrorBody,
  parseSendResponse,
  parseSubmissionResponse,
  sendBody,
  signBody,
  verifySignature,
} from '../../wire/cloudApi';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the body of a send', () => {
  test('a template carries named and positional parameters, media headers and buttons', () => {
    const body = sendBody({
      to: '+14155550100',
      reference: 'r1',
      content: {
        type: 'template',
        name: 'order',
        language: 'en_US',
        components: [
          { type: 'header', parameters: [{ type: 'image', link: 'https://x.test/a.png' }] },
          {
            type: 'body',
            parameters: [
              { type: 'text', text: 'Ann', name: 'first_name' },
              { type: 'text', text: '12' },
            ],
          },
          {
            type: 'button',
            subType: 'url',
            index: 1,
            parameters: [{ type: 'text', text: 'abc' }],
          },
        ],
      },
    });
    expect(json(body)).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '+14155550100',
      type: 'template',
      biz_opaque_callback_data: 'r1',
      template: {
        name: 'order',
        language: { code: 'en_US' },
        components: [
          {
            type: 'header',
            parameters: [{ type: 'image', image: { link: 'https://x.test/a.png' } }],
          },
          {
            type: 'body',
            parameters: [
              { type: 'text', text: 'Ann', parameter_name: 'first_name' },
              { type: 'text', text: '12' },
            ],
          },
          {
            type: 'button',
            sub_type: 'url',
            index: '1',
            parameters: [{ type: 'text', text: 'abc' }],
          },
        ],
      },
    });
  });

  test('text and media go under their own type', () => {
    const send = { to: '+14155550100', reference: 'r1' };
    expect(json(sendBody({ ...send, content: { type: 'text', body: 'Hi' } }))).toMatchObject({
      type: 'text',
      text: { body: 'Hi', preview_url: false },
    });
    const document = { type: 'document', id: '77', filename: 'a.pdf' } as const;
    expect(json(sendBody({ ...send, content: document }))).toMatchObject({
      type: 'document',
      document: { id: '77', filename: 'a.pdf' },
    });
  });
});

test.each([
  [{ messages: [{ id: 'wamid.A' }] }, { wamid: 'wamid.A', held: false }],
  [
    { messages: [{ id: 'wamid.A', message_status: 'accepted' }] },
    { wamid: 'wamid.A', held: false },
  ],
  [
    { messages: [{ id: 'wamid.A', message_status: 'held_for_quality_assessment' }] },
    { wamid: 'wamid.A', held: true },
  ],
  [{ messages: [] }, null],
  [{ messages: [{}] }, null],
  [{}, null],
  [undefined, null],
  ['<html>', null],
])('the answer %j is read as %j', (answer, expected) => {
  expect(parseSendResponse(answer)).toEqual(expected);
});

test.each([
  [{ error: { code: 131056, error_data: { details: 'why' } } }, { code: 131056, detail: 'why' }],
  [{ error: { code: '190', message: 'token' } }, { code: 190, detail: 'token' }],
  [{ error: { code: 0, message: 'auth' } }, { code: 0, detail: 'auth' }],
  [{ error: { code: 5, error_data: 'odd' } }, { code: 5, detail: '' }],
  [{ error: { code: null, message: 'no code' } }, null],
  [{ error: { code: '', message: 'no code' } }, null],
  [{ error: { message: 'no code' } }, null],
  [{ error: 'text' }, null],
  [undefined, null],
])('the error body %j is read as %j', (body, expected) => {
  expect(parseErrorBody(body)).toEqual(expected);
});

test('a submission is known by the id that webhooks will name', () => {
  expect(parseSubmissionResponse({ id: 12, status: 'pending' })).toEqual({
    providerTemplateId: '12',
    status: 'PENDING',
  });
  expect(parseSubmissionResponse({ id: 'abcWT', external_id: '99' })).toEqual({
    providerTemplateId: '99',
    status: 'PENDING',
  });
  expect(parseSubmissionResponse({ success: true })).toBeNull();
});

describe('signatures', () => {
  const raw = Buffer.from('{"a":"\\u00e4"}');

  test('what is signed verifies, with and without the prefix', () => {
    const signature = signBody('secret', raw);
    expect(signature).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(verifySignature('secret', raw, signature)).toBe(true);
    expect(verifySignature('secret', raw, signature.slice('sha256='.length))).toBe(true);
  });

  test('another secret, another byte, a short or a missing header do not verify', () => {
    const signature = signBody('secret', raw);
    expect(verifySignature('other', raw, signature)).toBe(false);
    expect(verifySignature('secret', Buffer.from('{}'), signature)).toBe(false);
    expect(verifySignature('secret', raw, 'sha256=00')).toBe(false);
    expect(verifySignature('secret', raw, undefined)).toBe(false);
  });

  test('JSON in ASCII means the same and holds no other byte', () => {
    const value = { text: 'ä € 😀 "q"', nested: ['ñ'] };
    const text = asciiJson(value);
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(text).toContain('\\u00e4');
    expect(JSON.parse(text)).toEqual(value);
  });
});
