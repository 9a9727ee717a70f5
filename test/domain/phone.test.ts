import { otherSpelling, parsePhone, phoneDigits } from '../../domain/phone';

test.each([
  ['14155552671', '+14155552671'],
  ['+14155552671', '+14155552671'],
  ['+1 (415) 555-2671', '+14155552671'],
  ['  +44 20 7946 0958 ', '+442079460958'],
  ['49.30.901820', '+4930901820'],
  ['+49\u00a030\u00a0901820', '+4930901820'],
  ['12345678', '+12345678'],
  ['123456789012345', '+123456789012345'],
])('%j is read as %s', (written, phone) => {
  expect(parsePhone(written)).toBe(phone);
});

test.each([
  ['', 'empty'],
  ['   ', 'blank'],
  ['1234567', 'too short'],
  ['1234567890123456', 'too long'],
  ['0014155552671', 'with a leading 0'],
  ['+0415555267', 'with a country code of 0'],
  ['++14155552671', 'with two plus signs'],
  ['1415555CALL', 'with letters'],
  ['14155552671 ext 5', 'with an extension'],
  ['1415555/2671', 'with a slash'],
  ['US.1234567890', 'a business-scoped id'],
  ['١٤١٥٥٥٥٢٦٧١', 'in other digits'],
  ['14155552671\u0000', 'with NUL'],
])('%j (%s) is no phone number', (written) => {
  expect(parsePhone(written)).toBeNull();
});

test('providers see the number without its plus', () => {
  expect(phoneDigits('+14155552671')).toBe('14155552671');
  expect(phoneDigits('14155552671')).toBe('14155552671');
});

test.each([
  ['+5511987654321', '+551187654321'],
  ['+5215512345678', '+525512345678'],
])('%s and %s are one WhatsApp user', (long, short) => {
  expect(otherSpelling(long)).toBe(short);
  expect(otherSpelling(short)).toBe(long);
});

test.each(['+14155550100', '+551133334444', '+5511933334444', '+5491112345678', '+52155'])(
  '%s has one spelling',
  (phone) => expect(otherSpelling(phone)).toBeNull(),
);
