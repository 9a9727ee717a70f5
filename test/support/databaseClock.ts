import { Client } from 'pg';

/** What names them finds ours first; defaults, which were resolved when their table was made, are set anew. */
const FOLLOWING = `
  DO $$ DECLARE found record; BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path = clock, pg_catalog, public', current_database());
    FOR found IN SELECT adrelid::regclass AS name, attname FROM pg_attrdef
      JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum WHERE pg_get_expr(adbin, adrelid) = 'now()'
    LOOP
      EXECUTE format('ALTER TABLE %s ALTER %I SET DEFAULT clock.now()', found.name, found.attname);
    END LOOP;
  END $$`;

/**
 * Lets `now()` and `clock_timestamp()` of a test's database run ahead of the real time, so that statements live in the time to which a server
 * has skipped. Connections that are open already keep the real time: install it before anything else.
 */
export class DatabaseClock {
  private constructor(private readonly url: string) {}

  static async install(url: string): Promise<DatabaseClock> {
    const clock = new DatabaseClock(url);
    await clock.run(`
      CREATE SCHEMA clock;
      CREATE TABLE clock.ahead (by interval NOT NULL);
      INSERT INTO clock.ahead VALUES ('0');
      CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS
        'SELECT pg_catalog.now() + by FROM clock.ahead';
      CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        'SELECT pg_catalog.clock_timestamp() + by FROM clock.ahead';
      ${FOLLOWING}`);
    return clock;
  }

  runAheadBy(ms: number): Promise<void> {
    return this.run(`UPDATE clock.ahead SET by = interval '${Math.round(ms)} milliseconds'`);
  }

  private async run(statements: string): Promise<void> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query(statements);
    } finally {
      await client.end();
    }
  }
}
