import { sql, type Kysely } from 'kysely';

/** Where a key may be used from: addresses, and the sites of browsers. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql
    .raw(
      `
ALTER TABLE api_keys
  -- Addresses and ranges (CIDR); empty: from anywhere.
  ADD COLUMN allowed_ips text[] NOT NULL DEFAULT '{}',
  -- Hosts of the sites; empty: from anywhere, and without one.
  ADD COLUMN allowed_origins text[] NOT NULL DEFAULT '{}'`,
    )
    .execute(db);
}
