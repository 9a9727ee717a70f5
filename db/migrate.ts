import { sql, type Migration } from 'kysely';
import type { Db } from './connect';
import * as foundation from './migrations/0001_foundation';
import * as conversations from './migrations/0002_conversations';
import * as windowEvents from './migrations/0003_window_events';
import * as inboxSearch from './migrations/0004_inbox_search';
import * as blockerScope from './migrations/0005_blocker_scope';
import * as sendQueue from './migrations/0006_send_queue';
import * as events from './migrations/0007_events';
import * as templates from './migrations/0008_templates';
import * as rateLimits from './migrations/0009_rate_limits';
import * as search from './migrations/0010_search';
import * as messageResends from './migrations/0011_message_resends';
import * as numbers from './migrations/0012_numbers';
import * as cloudIds from './migrations/0013_cloud_ids';
import * as optOutSettings from './migrations/0014_opt_out_settings';
import * as keyPlaces from './migrations/0015_key_places';
import * as templateCards from './migrations/0016_template_cards';
import * as templateLibrary from './migrations/0017_template_library';

/** In order; a name never changes once released. */
const MIGRATIONS: readonly { name: string; migration: Migration }[] = [
  { name: '0001_foundation', migration: foundation },
  { name: '0002_conversations', migration: conversations },
  { name: '0003_window_events', migration: windowEvents },
  { name: '0004_inbox_search', migration: inboxSearch },
  { name: '0005_blocker_scope', migration: blockerScope },
  { name: '0006_send_queue', migration: sendQueue },
  { name: '0007_events', migration: events },
  { name: '0008_templates', migration: templates },
  { name: '0009_rate_limits', migration: rateLimits },
  { name: '0010_search', migration: search },
  { name: '0011_message_resends', migration: messageResends },
  { name: '0012_numbers', migration: numbers },
  { name: '0013_cloud_ids', migration: cloudIds },
  { name: '0014_opt_out_settings', migration: optOutSettings },
  { name: '0015_key_places', migration: keyPlaces },
  { name: '0016_template_cards', migration: templateCards },
  { name: '0017_template_library', migration: templateLibrary },
];

/** Any number: one migrator at a time, whichever process starts first. */
const LOCK = 7_236_001;

/**
 * Brings the schema to the newest version this release knows. Each migration and its version row commit together;
 * concurrent callers wait for each other. Throws when the schema is newer than this release.
 */
export async function migrateToLatest(db: Db): Promise<string[]> {
  return db.connection().execute(async (connection) => {
    await sql`SELECT pg_advisory_lock(${LOCK})`.execute(connection);
    try {
      await sql`CREATE TABLE IF NOT EXISTS schema_versions
        (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`.execute(connection);
      const applied = new Set(await appliedVersions(connection));
      refuseNewer(applied);
      const missing = MIGRATIONS.filter(({ name }) => !applied.has(name));
      for (const { name, migration } of missing) {
        await connection.transaction().execute(async (tx) => {
          await migration.up(tx);
          await sql`INSERT INTO schema_versions (name) VALUES (${name})`.execute(tx);
        });
      }
      return missing.map(({ name }) => name);
    } finally {
      await sql`SELECT pg_advisory_unlock(${LOCK})`.execute(connection);
    }
  });
}

/** Called by the api and the worker before anything else: throws a sentence that says what to do. */
export async function requireCurrentSchema(db: Db): Promise<void> {
  const { rows } = await sql<{ found: boolean }>`
    SELECT to_regclass('schema_versions') IS NOT NULL AS found`.execute(db);
  const applied = new Set(rows[0]?.found ? await appliedVersions(db) : []);
  refuseNewer(applied);
  const missing = MIGRATIONS.filter(({ name }) => !applied.has(name));
  if (missing.length > 0) {
    throw new Error(
      `The database schema is older than this release (${missing.map((m) => m.name).join(', ')} missing). Run "casement migrate" first.`,
    );
  }
}

async function appliedVersions(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`SELECT name FROM schema_versions`.execute(db);
  return rows.map((row) => row.name);
}

function refuseNewer(applied: ReadonlySet<string>): void {
  const known = new Set(MIGRATIONS.map(({ name }) => name));
  const newer = [...applied].filter((name) => !known.has(name));
  if (newer.length > 0) {
    throw new Error(
      `The database schema is newer than this release (${newer.join(', ')} is unknown to it). Deploy the release that made it, or a later one.`,
    );
  }
}
