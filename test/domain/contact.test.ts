import { sql } from 'kysely';
import { validateContact } from '../../domain/contact';
import { createTestDatabase } from '../support/database';

const zoneOf = (timeZone: string): string | null =>
  validateContact({ number: '+14155550001', timeZone }, new Map()).timeZone;

test('time zones are kept by the name that PostgreSQL reads as we do', async () => {
  expect(['Europe/Berlin', 'US/Eastern', 'UTC', 'IST'].map(zoneOf)).toEqual([
    'Europe/Berlin',
    'America/New_York',
    'UTC',
    'Asia/Calcutta',
  ]);
  const database = await createTestDatabase();
  for (const name of Intl.supportedValuesOf('timeZone')) {
    const zone = zoneOf(name);
    await sql`SELECT now() AT TIME ZONE ${zone}`.execute(database.db);
  }
  await database.drop();
});

test.each(['+02:00', 'SystemV/AST4', 'Mars/Olympus', 'x'.repeat(9_000)])(
  'what is no zone is refused: %s',
  (name) => {
    expect(() => zoneOf(name)).toThrow('Not an IANA time zone');
  },
);
