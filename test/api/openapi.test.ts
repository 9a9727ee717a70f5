import type { Router } from 'express';
import { DateTime } from 'luxon';
import { describedApis } from '../../api/app';
import { openApiDocument } from '../../api/openapi/document';
import type { DescribedApi } from '../../api/openapi/operation';
import manifest from '../../package.json';
import { SCOPES } from '../../domain/scope';
import { createApiKey } from '../../usecases/apiKey';
import { startApi, type TestApi } from '../support/api';
import { buildWorld } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let api: TestApi;
/** A key that may do nothing. */
let powerless: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const { accountId } = await buildWorld(database.db, { recipients: 0 });
  api = await startApi(database.db, { accountId });
  const input = { accountId, name: 'powerless', scopes: [] };
  const deps = { db: database.db, clock: { now: () => DateTime.utc() } };
  powerless = (await createApiKey(deps, input)).secret;
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

/** Every route of a router and of those mounted in it; what `.all` answers (405) is no route. */
function routesOf(router: object): string[] {
  const layers = 'stack' in router ? (router as Router).stack : [];
  return layers.flatMap(({ route, handle }) => {
    if (route === undefined) return routesOf(handle);
    const methods = new Set(route.stack.flatMap(({ method }) => method?.toUpperCase() ?? []));
    return [...methods].map((method) => `${method} ${route.path}`);
  });
}

const APIS = describedApis();
const OPERATIONS = APIS.flatMap((described) =>
  Object.entries(described.operations).map(
    ([route, operation]) => [route, operation, described] as const,
  ),
);

test('every mounted route is described, and nothing is described that is not mounted', () => {
  const mounted = routesOf(api.app.router);
  expect(mounted.toSorted()).toEqual(OPERATIONS.map(([route]) => route).toSorted());
});

test('ids of operations are unique', () => {
  const { paths } = openApiDocument(APIS, 'https://casement.example');
  const ids = Object.values(paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

/** The secret where the clients of an API put it. */
function credential({ security = {} }: DescribedApi, secret: string): Record<string, string> {
  if (security['type'] === 'apiKey') return { [security['name']!]: secret };
  if (security['scheme'] === 'bearer') return { Authorization: `Bearer ${secret}` };
  return { Authorization: `Basic ${Buffer.from(`:${secret}`).toString('base64')}` };
}

const GUARDED = OPERATIONS.filter(([, { scope }]) => scope !== undefined);

test.each(GUARDED)('%s needs the scope it declares', async (route, operation, described) => {
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern
    .replace('\\', '')
    .replace(':version', 'v24.0')
    .replace(':media_id', '1')
    .replace(/:\w+/g, '00000000-0000-4000-8000-000000000000');
  const without = await api.call(method, path, undefined, { 'X-Dexatel-Key': '' });
  expect(without.status).toBe(401);
  const headers = { 'X-Dexatel-Key': '', ...credential(described, powerless) };
  const refused = await api.call(method, path, undefined, headers);
  expect(refused.status).toBe(403);
  const named = SCOPES.filter((scope) => JSON.stringify(refused.body).includes(scope));
  expect(named).toContain(operation.scope);
});

test('the document is served with the version of the release and the address of the API', async () => {
  const { body } = await api.call('GET', '/openapi.json');
  expect(body).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'Casement', version: manifest.version },
    servers: [{ url: 'https://casement.example' }],
  });
  expect(body).toEqual(openApiDocument(APIS, 'https://casement.example'));
});

test('the reference page loads nothing from elsewhere, and everything it loads is there', async () => {
  const page = await api.call('GET', '/docs');
  expect(page.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'self';/,
  );
  const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file);
  expect(files).toHaveLength(3);
  for (const file of files) {
    const answer = await fetch(api.url + file);
    expect([file, answer.status]).toEqual([file, 200]);
    expect(answer.headers.get('content-type')).toMatch(/^text\/(css|javascript); charset=utf-8$/);
  }
  const unknown = await fetch(`${api.url}/docs/index.html`);
  expect(unknown.status).toBe(404);
});
