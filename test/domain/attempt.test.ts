import { DateTime } from 'luxon';
import { judgeAttempt, LONGEST_RETRY_MS, MOST_TRIES, type Verdict } from '../../domain/attempt';
import { FAILURE_RULES, PROVIDER_UNREACHABLE } from '../../domain/failure';
import type { SendOutcome } from '../../domain/ports';

const NOW = DateTime.utc();
const SECOND = 1_000;
const HOUR = 3_600_000;

interface Given {
  attempts?: number;
  /** How long ago the first try was. */
  ageMs?: number;
  random?: number;
}

/** The first try of a moment ago, unless the test says otherwise. */
function judge(outcome: SendOutcome, given: Given = {}): Verdict {
  const firstAttemptAt = NOW.minus(given.ageMs ?? 0).toJSDate();
  const facts = { attempts: given.attempts ?? 1, firstAttemptAt };
  return judgeAttempt(outcome, facts, { now: () => NOW }, () => given.random ?? 0);
}

const rejected = (code: number, retryAfterMs?: number) =>
  ({ kind: 'rejected', code, detail: '', ...(retryAfterMs && { retryAfterMs }) }) as const;

const delayOf = (code: number, changes: Given = {}): number =>
  judge(rejected(code), changes).nextAttemptAt!.getTime() - NOW.toMillis();

test('an accepted message is sent, and says so when it is held for quality assessment', () => {
  const accepted = { kind: 'accepted', wamid: 'wamid.1' } as const;
  expect(judge({ ...accepted, held: false })).toEqual({
    state: 'sent',
    reason: null,
    wamid: 'wamid.1',
    nextAttemptAt: null,
    refundedTries: 0,
    effect: { kind: 'none' },
  });
  const held = judge({ ...accepted, held: true });
  expect(held).toMatchObject({ state: 'sent', reason: 'held_for_quality_assessment' });
});

test('an unknown outcome stays unknown and is never tried again', () => {
  const verdict = judge({ kind: 'unknown', detail: 'timeout' }, { attempts: 4 });
  expect(verdict).toMatchObject({ state: 'unknown', reason: 'timeout', nextAttemptAt: null });
});

test.each([
  [131016, 'pending', 0, { kind: 'none' }],
  [130429, 'pending', 1, { kind: 'slow_down' }],
  [131056, 'pending', 1, { kind: 'none' }],
  [131049, 'pending', 0, { kind: 'none' }],
  [131026, 'failed', 0, { kind: 'none' }],
  [132000, 'failed', 0, { kind: 'content_failure' }],
  [132015, 'pending', 1, { kind: 'pause', reason: 'template_paused', code: 132015 }],
  [131042, 'pending', 1, { kind: 'pause', reason: 'sender_halted', code: 131042 }],
  [PROVIDER_UNREACHABLE, 'pending', 1, { kind: 'unreachable' }],
])(
  'a first answer %i makes the recipient %s, refunds %i tries and means %j',
  (code, state, refundedTries, effect) => {
    const verdict = judge(rejected(code));
    expect(verdict).toMatchObject({ state, refundedTries, effect, reason: String(code) });
  },
);

test('every rule of the catalogue gives a verdict that can be stored', () => {
  for (const rule of FAILURE_RULES) {
    const verdict = judge(rejected(rule.code));
    expect(verdict.state === 'pending').toBe(verdict.nextAttemptAt !== null);
    expect(verdict.reason).toBe(String(rule.code));
  }
});

test('what stops the sender or the campaign puts the recipient back, however often it was tried', () => {
  for (const code of [132015, 131042]) {
    const verdict = judge(rejected(code), { attempts: 99, ageMs: 900 * HOUR });
    expect(verdict).toMatchObject({
      state: 'pending',
      refundedTries: 1,
      nextAttemptAt: NOW.toJSDate(),
    });
  }
});

test('a transient failure is tried five times, and fewer times where the rule says so', () => {
  expect(judge(rejected(131016), { attempts: MOST_TRIES - 1 }).state).toBe('pending');
  expect(judge(rejected(131016), { attempts: MOST_TRIES }).state).toBe('failed');
  expect(judge(rejected(131000), { attempts: 2 }).state).toBe('pending');
  expect(judge(rejected(131000), { attempts: 3 }).state).toBe('failed');
});

test('a recipient that waited through a long pause still has its tries', () => {
  const verdict = judge(rejected(131016), { attempts: 1, ageMs: 72 * HOUR });
  expect(verdict).toMatchObject({ state: 'pending', refundedTries: 0 });
});

test.each([130429, 131056, PROVIDER_UNREACHABLE])(
  'answer %i spends no try and ends after 24 hours alone',
  (code) => {
    const young = judge(rejected(code), { ageMs: LONGEST_RETRY_MS - 1 });
    expect(young).toMatchObject({ state: 'pending', refundedTries: 1 });
    const old = judge(rejected(code), { ageMs: LONGEST_RETRY_MS });
    expect(old).toMatchObject({ state: 'failed', nextAttemptAt: null });
  },
);

describe('a recipient that had enough marketing for a day', () => {
  test('waits for a day and fails the second time it is told so', () => {
    expect(delayOf(131049)).toBe(24 * HOUR);
    const again = judge(rejected(131049), { attempts: 2, ageMs: 25 * HOUR });
    expect(again).toMatchObject({ state: 'failed', reason: '131049' });
  });

  test.each([131016, 130429, 131056, PROVIDER_UNREACHABLE])(
    'is not failed by answer %i merely because its second try came a day after the first',
    (code) => {
      for (const ageMs of [24 * HOUR, 30 * HOUR]) {
        expect(judge(rejected(code), { attempts: 2, ageMs }).state).toBe('pending');
      }
    },
  );

  test('is throttled for another day at most', () => {
    const verdict = judge(rejected(130429), { attempts: 2, ageMs: 54 * HOUR });
    expect(verdict.state).toBe('failed');
  });
});

describe('delays', () => {
  test('grow with the tries of a transient failure', () => {
    const delays = [1, 2, 3, 4].map((attempts) => delayOf(131016, { attempts }));
    expect(delays).toEqual([1, 2, 4, 8].map((s) => s * SECOND));
  });

  test('grow with the age of a recipient whose tries are refunded', () => {
    const ages = [0, 1, 3, 7].map((s) => s * SECOND);
    const unreachable = ages.map((ageMs) => delayOf(PROVIDER_UNREACHABLE, { ageMs, random: 1 }));
    expect(unreachable).toEqual([1, 2, 4, 8].map((s) => s * SECOND));
    expect(delayOf(PROVIDER_UNREACHABLE, { ageMs: 5 * HOUR, random: 1 })).toBe(60 * SECOND);
    const pair = ages.slice(0, 3).map((ageMs) => delayOf(131056, { ageMs }));
    expect(pair).toEqual([1, 4, 16].map((s) => s * SECOND));
    expect(delayOf(131056, { ageMs: 5 * HOUR })).toBe(600 * SECOND);
  });

  test('honour what the provider asks for when it is longer than ours, and ours otherwise', () => {
    const next = (retryAfterMs: number) =>
      judge(rejected(130429, retryAfterMs)).nextAttemptAt!.getTime() - NOW.toMillis();
    expect(next(90 * SECOND)).toBe(90 * SECOND);
    expect(next(1)).toBe(4 * SECOND);
  });
});
