import { DateTime } from 'luxon';
import { z } from 'zod';
import { DomainError } from '../../../domain/errors';

/** Dexatel's only date format, always UTC. */
const FORMAT = 'yyyy-MM-dd HH:mm:ss';
const SHAPE = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** How the reference describes it. */
export const dateShape = {
  description: 'UTC',
  pattern: '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]) ([01][0-9]|2[0-3])(:[0-5][0-9]){2}$',
};

export const dateTime = z.string().meta({ ...dateShape, examples: ['2024-03-01 09:00:00'] });

export function dexatelDate(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

export function dexatelDateOrNull(date: Date | null): string | null {
  return date === null ? null : dexatelDate(date);
}

/** Null for anything but an existing moment in exactly this format (no 24:00:00, no 30 February). */
export function readDexatelDate(text: string): DateTime<true> | null {
  const moment = DateTime.fromFormat(text, FORMAT, { zone: 'utc' });
  return SHAPE.test(text) && moment.isValid && moment.toFormat(FORMAT) === text ? moment : null;
}

/** Throws `schedule_format` for what is no moment in Dexatel's format. */
export function parseDexatelDate(text: string): DateTime<true> {
  const moment = readDexatelDate(text);
  if (moment !== null) return moment;
  throw new DomainError('schedule_format', 'The schedule must be yyyy-mm-dd hh:mm:ss.');
}
