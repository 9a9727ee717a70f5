import { DateTime } from 'luxon';
import { quietUntil } from '../../domain/quietHours';

const NIGHT = { start: '21:00', end: '08:00' };
const NOON = { start: '12:00', end: '14:00' };
const at = (iso: string) => DateTime.fromISO(iso, { zone: 'utc' });

function until(hours: { start: string; end: string }, zone: string, now: string): string | null {
  return quietUntil(hours, zone, at(now))?.toUTC().toISO({ suppressMilliseconds: true }) ?? null;
}

test.each([
  // hours, zone, now, quiet until
  [NOON, 'UTC', '2026-01-10T11:59:59Z', null],
  [NOON, 'UTC', '2026-01-10T12:00:00Z', '2026-01-10T14:00:00Z'],
  [NOON, 'UTC', '2026-01-10T13:59:59Z', '2026-01-10T14:00:00Z'],
  [NOON, 'UTC', '2026-01-10T14:00:00Z', null],
  [NIGHT, 'UTC', '2026-01-10T20:59:00Z', null],
  [NIGHT, 'UTC', '2026-01-10T21:00:00Z', '2026-01-11T08:00:00Z'],
  [NIGHT, 'UTC', '2026-01-11T00:00:00Z', '2026-01-11T08:00:00Z'],
  [NIGHT, 'UTC', '2026-01-11T07:59:00Z', '2026-01-11T08:00:00Z'],
  [NIGHT, 'UTC', '2026-01-11T08:00:00Z', null],
  // 22:30 in Lagos, 16:30 in New York, 06:30 of the next day in Tokyo.
  [NIGHT, 'Africa/Lagos', '2026-01-10T21:30:00Z', '2026-01-11T07:00:00Z'],
  [NIGHT, 'America/New_York', '2026-01-10T21:30:00Z', null],
  [NIGHT, 'Asia/Tokyo', '2026-01-10T21:30:00Z', '2026-01-10T23:00:00Z'],
  [NIGHT, 'Asia/Kathmandu', '2026-01-10T18:00:00Z', '2026-01-11T02:15:00Z'],
  // Clocks go forward in Berlin on 29 March 2026, back on 25 October.
  [NIGHT, 'Europe/Berlin', '2026-03-28T21:00:00Z', '2026-03-29T06:00:00Z'],
  [NIGHT, 'Europe/Berlin', '2026-10-24T20:00:00Z', '2026-10-25T07:00:00Z'],
  // 02:30 does not exist that night: quiet ends when the clock shows 03:30.
  [
    { start: '21:00', end: '02:30' },
    'Europe/Berlin',
    '2026-03-28T23:00:00Z',
    '2026-03-29T01:30:00Z',
  ],
  [NIGHT, 'Not/AZone', '2026-01-10T22:00:00Z', '2026-01-11T08:00:00Z'],
])('quiet hours %j in %s at %s last until %s', (hours, zone, now, expected) => {
  expect(until(hours, zone, now)).toBe(expected);
});

test('hours that start and end at the same time are never quiet', () => {
  expect(until({ start: '09:00', end: '09:00' }, 'UTC', '2026-01-10T09:00:00Z')).toBeNull();
});
