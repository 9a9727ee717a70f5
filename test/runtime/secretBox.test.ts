import { createSecretBox } from '../../runtime/secretBox';

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const box = createSecretBox(key(1));

test('what is sealed can be opened, and never looks the same twice', () => {
  const sealed = box.seal('token – ключ');
  expect(box.open(sealed)).toBe('token – ключ');
  expect(box.seal('token – ключ')).not.toBe(sealed);
  expect(sealed).not.toContain('token');
  expect(box.open(box.seal(''))).toBe('');
});

test('another key, a changed byte, a cut text and clear text are refused', () => {
  const sealed = box.seal('token');
  expect(() => createSecretBox(key(2)).open(sealed)).toThrow();
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  bytes[bytes.length - 1]! ^= 1;
  expect(() => box.open(`v1.${bytes.toString('base64url')}`)).toThrow();
  expect(() => box.open(sealed.slice(0, 20))).toThrow();
  expect(() => box.open('token')).toThrow('not sealed');
});

test('a key that is not 32 bytes is named', () => {
  expect(() => createSecretBox('c2hvcnQ=')).toThrow('CASEMENT_SECRET_KEY');
});
