import { DateTime } from 'luxon';
import { planResend } from '../../domain/resend';

const at = (minutes: number) => DateTime.utc(2026, 1, 1).plus({ minutes }).toJSDate();

/** resends so far, minutes from a failure at 0 until now, minutes until it may go */
test.each([
  [0, 0, 1],
  [0, 0.5, 1],
  [0, 1, 1],
  [0, 2, 2],
  [1, 0, 5],
  [1, 4, 5],
  [2, 0, 15],
  [3, 0, 30],
  [4, 0, 60],
  [4, 61, 61],
])(
  'after %i resends, %d minutes after the failure, it is due at minute %d',
  (resends, now, due) => {
    const planned = planResend({ resends, firstSentAt: at(0), failedAt: at(0) }, at(now));
    expect(planned).toEqual({ attempt: resends + 1, dueAt: at(due) });
  },
);

test('there is no sixth resend', () => {
  const message = { resends: 5, firstSentAt: at(0), failedAt: at(0) };
  expect(() => planResend(message, at(600))).toThrow('5 times');
});

test('a message can be resent for 48 hours, and not be scheduled beyond them', () => {
  const message = { resends: 0, firstSentAt: at(0), failedAt: at(0) };
  expect(planResend(message, at(48 * 60)).dueAt).toEqual(at(48 * 60));
  expect(() => planResend(message, at(48 * 60 + 1))).toThrow('48 hours');
  const late = { ...message, resends: 4, failedAt: at(47 * 60 + 30) };
  expect(() => planResend(late, at(47 * 60 + 40))).toThrow('48 hours');
});
