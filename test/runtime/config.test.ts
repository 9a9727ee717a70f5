import { readConfig } from '../../runtime/config';

test.each(['', ' ', '\t'])('a variable that holds "%s" counts as absent', (blank) => {
  expect(
    readConfig({ CASEMENT_PORT: blank, CASEMENT_SEND_WAIT: blank, DATABASE_URL: blank }),
  ).toEqual(readConfig({}));
});

test.each([
  ['CASEMENT_PUBLIC_URL', 'ftp://example.com', 'must begin with http:// or https://'],
  ['CASEMENT_PUBLIC_URL', 'localhost:3000', 'must begin with http:// or https://'],
  ['CASEMENT_PUBLIC_URL', 'nonsense', 'must begin with http:// or https://'],
  ['DATABASE_URL', 'mysql://host/db', 'must begin with postgres:// or postgresql://'],
  ['DATABASE_URL', 'https://host/db', 'must begin with postgres:// or postgresql://'],
])('%s may not be %s', (key, value, problem) => {
  expect(() => readConfig({ [key]: value })).toThrow(`${key}: ${problem}`);
});

test.each([
  ['CASEMENT_PUBLIC_URL', 'https://example.com/casement'],
  ['CASEMENT_PUBLIC_URL', 'http://127.0.0.1:3000'],
  ['CASEMENT_PUBLIC_URL', 'http://localhost:3000'],
  ['DATABASE_URL', 'postgres://u:p@host/db'],
  ['DATABASE_URL', 'postgresql://u:p@host:5432/db?sslmode=require'],
  ['DATABASE_URL', 'postgresql:///db?host=/var/run/postgresql'],
])('%s may be %s', (key, value) => {
  expect(readConfig({ [key]: value })).toMatchObject({ [key]: value });
});
