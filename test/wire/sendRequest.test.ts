import { sendBody } from '../../wire/cloudApi';
import { readSendRequest } from '../../wire/sendRequest';
import { CONTENTS } from '../support/contents';
import { REFUSALS } from '../support/refusals';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const text = {
  messaging_product: 'whatsapp',
  to: '+14155550100',
  type: 'text',
  text: { body: 'Hi' },
};

test.each(CONTENTS)('$name is read as it was sent', ({ content }) => {
  const sent = json(sendBody({ to: '+14155550100', reference: 'r1', content }));
  const request = readSendRequest(sent);
  expect(json(request)).toEqual({
    kind: 'message',
    to: '+14155550100',
    input: '+14155550100',
    toGroup: false,
    reference: 'r1',
    contextWamid: null,
    activitySharing: null,
    content: json(content),
  });
});

test.each(REFUSALS)('$name is refused', ({ body, code, says }) => {
  const problem = readSendRequest(json({ ...text, ...body }));
  expect(problem).toMatchObject({ code });
  expect(`${JSON.stringify(problem)}`.replaceAll('\\"', '"')).toContain(says);
});

test.each([null, [], 'text', 5])('%j is no request', (body) => {
  expect(readSendRequest(body)).toMatchObject({ code: 100 });
});

test('numbers in any formatting, user ids and old forms are understood', () => {
  const to = (given: object) => readSendRequest(json({ ...text, to: undefined, ...given }));
  expect(to({ to: '1 (415) 555-0100' })).toMatchObject({
    to: '+14155550100',
    input: '1 (415) 555-0100',
  });
  expect(to({ to: 14155550100 })).toMatchObject({ to: '+14155550100' });
  expect(to({ recipient: 'US.13491208655302741918' })).toMatchObject({
    to: 'US.13491208655302741918',
  });
  expect(to({ to: '+14155550100', recipient: 'US.1' })).toMatchObject({ to: '+14155550100' });
  const { type: _, ...untyped } = text;
  expect(readSendRequest(untyped)).toMatchObject({ content: { type: 'text', body: 'Hi' } });
  const template = {
    name: 'hello',
    language: { code: 'en_US', policy: 'deterministic' },
    components: [{ type: 'BUTTON', sub_type: 'URL', index: 1, parameters: [] }],
  };
  const location = { latitude: '1.5', longitude: '-2' };
  expect(to({ to: '+14155550100', type: 'template', text: undefined, template })).toMatchObject({
    content: { components: [{ type: 'button', subType: 'url', index: 1 }] },
  });
  expect(to({ to: '+14155550100', type: 'location', text: undefined, location })).toMatchObject({
    content: { latitude: 1.5, longitude: -2 },
  });
});

test('a read mark is no message', () => {
  const mark = { messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.A' };
  expect(readSendRequest(mark)).toEqual({ kind: 'read', wamid: 'wamid.A', typing: false });
  expect(readSendRequest({ ...mark, typing_indicator: { type: 'text' } })).toMatchObject({
    typing: true,
  });
  expect(readSendRequest({ ...mark, status: 'delivered' })).toMatchObject({ code: 100 });
  expect(readSendRequest({ ...mark, message_id: undefined })).toMatchObject({ code: 100 });
});
