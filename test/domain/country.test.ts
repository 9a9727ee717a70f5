import { countryOf, numbersOf } from '../../domain/country';

test.each([
  ['+14155552671', 'US'],
  ['+16135550100', 'CA'],
  ['+18765550100', 'JM'],
  ['+2348012345678', 'NG'],
  ['+4915112345678', 'DE'],
  ['+447700900123', 'GB'],
  ['+441534500000', 'JE'],
  ['+77011234567', 'KZ'],
  ['+79161234567', 'RU'],
  ['+390612345678', 'IT'],
  ['+390669812345', 'VA'],
  ['+38344123456', 'XK'],
  ['+88213312345', null],
  ['+80012345678', null],
])('%s is of %s', (phone, country) => {
  expect(countryOf(phone)).toBe(country);
  const pattern = country === null ? null : numbersOf(country);
  if (pattern !== null) expect(phone).toMatch(new RegExp(pattern));
});

test('the numbers of a country are those of no other one', () => {
  expect('+16135550100').not.toMatch(new RegExp(numbersOf('US')!));
  expect('+77011234567').not.toMatch(new RegExp(numbersOf('RU')!));
  expect('+14155552671').not.toMatch(new RegExp(numbersOf('CA')!));
});

test('what is no country has no numbers', () => {
  expect([numbersOf('XX'), numbersOf('us'), numbersOf('')]).toEqual([null, null, null]);
});
