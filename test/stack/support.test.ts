import { sql } from 'kysely';
import { createTestDatabase } from '../support/database';
import { startRealServer, startTimeSkipping, workflowBundle } from '../support/temporal';
import { existsSync } from 'node:fs';

describe('what the tests stand on', () => {
  it('gives each test file a migrated database of its own', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    try {
      expect(one.url).not.toBe(two.url);
      const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM schema_versions`.execute(
        one.db,
      );
      expect(rows[0]?.n).toBeGreaterThan(0);
    } finally {
      await Promise.all([one.drop(), two.drop()]);
    }
  });

  it('skips time', async () => {
    const env = await startTimeSkipping();
    try {
      const before = await env.currentTimeMs();
      await env.sleep('1 day');
      expect((await env.currentTimeMs()) - before).toBeGreaterThanOrEqual(24 * 3_600_000);
    } finally {
      await env.teardown();
    }
  });

  it('offers a real server with the search attributes of production', async () => {
    const env = await startRealServer();
    try {
      const found = await env.connection.operatorService.listSearchAttributes({
        namespace: 'default',
      });
      expect(Object.keys(found.customAttributes)).toEqual(
        expect.arrayContaining(['CampaignStatus', 'SenderId', 'AccountId', 'WindowClosesAt']),
      );
    } finally {
      await env.teardown();
    }
  });

  it('bundles the workflows once', () => {
    expect(existsSync(workflowBundle().codePath)).toBe(true);
  });
});
