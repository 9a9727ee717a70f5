import type { DateTime } from 'luxon';

/** Wall times `HH:mm`; `end` before `start` means over midnight. */
export interface QuietHours {
  start: string;
  end: string;
}

/** When the quiet hours around `now` end in that zone; null when it is not quiet. Unknown zones count as UTC. */
export function quietUntil(hours: QuietHours, zone: string, now: DateTime): DateTime | null {
  const inZone = now.setZone(zone);
  const local = inZone.isValid ? inZone : now.toUTC();
  const clock = local.toFormat('HH:mm');
  const overMidnight = hours.end < hours.start;
  const quiet = overMidnight
    ? clock >= hours.start || clock < hours.end
    : clock >= hours.start && clock < hours.end;
  if (!quiet) return null;
  const [hour, minute] = hours.end.split(':').map(Number);
  const end = local.set({ hour, minute, second: 0, millisecond: 0 });
  return end > local ? end : end.plus({ days: 1 });
}
