import { formatReference, parseReference } from '../../domain/reference';

const ID = '3fa85f64-5717-4562-b3fc-2c963f66afa6';

test.each([0, 1, 42, 1_000_000, 999_999_999])(
  'a reference with position %i round-trips',
  (position) => {
    const text = formatReference(ID, position);
    expect(parseReference(text)).toEqual({ campaignId: ID, position });
    expect(text.length).toBeLessThanOrEqual(512);
  },
);

test.each([
  '',
  'order-17',
  ID,
  `c.${ID}`,
  `c.${ID}.`,
  `c.${ID}.-1`,
  `c.${ID}.1.2`,
  `c.${ID}.1000000000`,
  `c.${ID}.1e3`,
  `c.${ID.toUpperCase()}.1`,
  `m.${ID}.1`,
  ` c.${ID}.1`,
  `c.${ID}.1\n`,
  `c.${ID}.\u00001`,
  'c.not-a-uuid.1',
])('foreign text %j is not a reference', (text) => {
  expect(parseReference(text)).toBeNull();
});
