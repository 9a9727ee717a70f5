import type { ColumnType } from 'kysely';

/** Written as Date or ISO text, read as Date. */
export type Instant = ColumnType<Date, Date | string, Date | string>;
export type MaybeInstant = ColumnType<Date | null, Date | string | null, Date | string | null>;
export type CreatedAt = ColumnType<Date, Date | string | undefined, Date | string>;
/** jsonb: written as JSON text (`json(value)`), read parsed. */
export type Json<T> = ColumnType<T, string, string>;
