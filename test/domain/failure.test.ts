import {
  FAILURE_RULES,
  failureRule,
  httpFailureCode,
  PROVIDER_UNREACHABLE,
  type FailureClass,
} from '../../domain/failure';

const EXPECTED: Record<FailureClass, number[]> = {
  retry: [1, 2, 131000, 131016, 131053, 131057, 132069, 133004, 134101, -1, -400, -503],
  slow_down: [4, 80007, 130429, -429],
  wait_pair: [131056],
  defer_day: [131049],
  fail_recipient: [130472, 130497, 131021, 131026, 131047, 131050, 132005],
  fail_content: [
    100, 131008, 131009, 131030, 131051, 131052, 131055, 131059, 131062, 131063, 132000, 132012,
    132018, 132068, 134100, 134102, 135000,
  ],
  pause_campaign: [132001, 132007, 132015, 132016],
  halt_sender: [
    0, 3, 10, 33, 190, 368, 131005, 131031, 131037, 131042, 131045, 131048, 131064, 133010, 133016,
    -401, -403, -404,
  ],
};

const classes = Object.entries(EXPECTED).flatMap(([of, codes]) =>
  codes.map((code): [number, string] => [code, of]),
);

test.each(classes)('code %i is of class %s', (code, of) => {
  expect(failureRule(code).class).toBe(of);
});

test('the catalogue holds these codes, each once, and no others', () => {
  const codes = FAILURE_RULES.map((rule) => rule.code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.toSorted((a, b) => a - b)).toEqual(
    classes.map(([code]) => code).toSorted((a, b) => a - b),
  );
});

test('every permission code from 200 to 299 halts the sender', () => {
  for (const code of [200, 250, 299])
    expect(failureRule(code)).toMatchObject({ class: 'halt_sender', code });
  expect(failureRule(300).class).toBe('retry');
});

test('an unknown code is tried a few times and blames nobody', () => {
  expect(failureRule(999_999)).toMatchObject({
    code: 999_999,
    class: 'retry',
    recipient: 'retry',
    maxTries: 3,
    costsTry: true,
  });
});

test('throttling costs no try, and what stops the sender or the campaign leaves the recipient untouched', () => {
  for (const code of [4, 80007, 130429, 131056]) expect(failureRule(code).costsTry).toBe(false);
  for (const rule of FAILURE_RULES) {
    const stops = rule.class === 'halt_sender' || rule.class === 'pause_campaign';
    expect(rule.recipient === 'requeue').toBe(stops);
  }
});

test('an unreachable provider may stay away for a day', () => {
  const rule = failureRule(PROVIDER_UNREACHABLE);
  const longest = rule.retryDelayMs(1000, 0.999);
  expect(longest).toBeLessThanOrEqual(60_000);
  expect(rule.maxTries * (longest / 2)).toBeGreaterThan(24 * 3_600_000);
});

test('delays grow, carry jitter and stay in the range of their class', () => {
  const retry = failureRule(131016);
  expect(retry.retryDelayMs(1, 0)).toBe(1000);
  expect(retry.retryDelayMs(3, 0)).toBe(4000);
  expect(retry.retryDelayMs(3, 0.5)).toBe(6000);
  expect(retry.retryDelayMs(50, 0.99)).toBeLessThanOrEqual(300_000);
  const pair = failureRule(131056);
  expect([1, 2, 3, 4].map((tries) => pair.retryDelayMs(tries, 0))).toEqual([
    1000, 4000, 16_000, 64_000,
  ]);
  expect(failureRule(130429).retryDelayMs(9, 0)).toBe(4000);
  expect(failureRule(131057).retryDelayMs(1, 0)).toBe(60_000);
  expect(failureRule(131049).retryDelayMs(1, 0)).toBe(86_400_000);
});

test('an answer without a code is classified by its status', () => {
  expect([401, 403, 404, 429, 503].map(httpFailureCode)).toEqual([-401, -403, -404, -429, -503]);
  expect([400, 402, 418].map(httpFailureCode)).toEqual([-400, -400, -400]);
  expect(httpFailureCode(302)).toBe(-404);
});
