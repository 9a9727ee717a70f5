import { DomainError } from '../../domain/errors';
import { parseRange, parseSite, refusePlace } from '../../usecases/keyPlaces';

const RANGES = ['203.0.113.7', '10.0.0.0/8', '2001:db8::/32'];
const SITES = ['shop.example', 'localhost:5173'];

const refusal = (
  key: { allowed_ips?: string[]; allowed_origins?: string[] },
  place: { address?: string; site?: string },
): string | null => {
  try {
    const { address, site } = place;
    refusePlace({ allowed_ips: [], allowed_origins: [], ...key }, { address, site });
    return null;
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
};

test.each<[string | undefined, boolean]>([
  ['203.0.113.7', true],
  ['::ffff:203.0.113.7', true],
  ['10.255.0.1', true],
  ['2001:db8:1::9', true],
  ['203.0.113.8', false],
  ['11.0.0.1', false],
  ['2001:db9::1', false],
  ['::ffff:11.0.0.1', false],
  [undefined, false],
  ['', false],
])('a key of some addresses from %p', (address, fine) => {
  const wanted = fine ? null : 'ip_not_allowed';
  expect(refusal({ allowed_ips: RANGES }, { address })).toBe(wanted);
  expect(refusal({}, { address })).toBe(null);
});

test.each<[string | undefined, boolean]>([
  ['https://shop.example', true],
  ['https://SHOP.example:443/cart?x=1', true],
  ['http://localhost:5173', true],
  ['http://localhost', false],
  ['https://shop.example.evil.example', false],
  ['https://evil.example/shop.example', false],
  ['shop.example', false],
  ['null', false],
  ['', false],
  [undefined, false],
])('a key of some sites on %p', (site, fine) => {
  const wanted = fine ? null : 'origin_not_allowed';
  expect(refusal({ allowed_origins: SITES }, { site })).toBe(wanted);
  expect(refusal({}, { site })).toBe(null);
});

test('places are checked when a key is made', () => {
  expect(RANGES.map(parseRange)).toEqual(RANGES);
  expect(parseSite('https://Shop.example/cart')).toBe('shop.example');
  expect(parseSite('localhost:5173')).toBe('localhost:5173');
  for (const text of [
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '::/129',
    '10.0.0.1/',
    'home',
    '1.2.3.4/8/8',
  ]) {
    expect(() => parseRange(text)).toThrow('is no address');
  }
  for (const text of ['', 'a b', 'https://']) expect(() => parseSite(text)).toThrow('is no site');
});
