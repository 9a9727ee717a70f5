import { reachable } from '../../stack/environment';

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::', '127.0.0.1'],
  ['::1', '[::1]'],
  ['192.168.0.7', '192.168.0.7'],
  ['localhost', 'localhost'],
])('what listens on %s is reached at %s', (host, at) => {
  expect(reachable(host)).toBe(at);
});
