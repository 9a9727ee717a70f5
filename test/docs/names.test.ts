import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const read = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8');
const exists = (...parts: string[]): boolean => existsSync(path.join(ROOT, ...parts));

/** What an installation, a build or a run leaves. */
const ignored = read('.gitignore')
  .split('\n')
  .map((line) => line.replace(/\/$/, ''));
const sources = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !ignored.includes(entry.name))
  .map(({ name }) => name)
  .filter((name) => readdirSync(path.join(ROOT, name)).some((file) => file.endsWith('.ts')));

const pagesIn = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name));
const pages = ['.', 'bench', 'docs', 'docs/decisions'].flatMap(pagesIn);

test('the tree in docs/architecture.md has every folder with sources, and none that is not there', () => {
  const tree = read('docs/architecture.md').split('## The tree')[1]!.split('\n## ')[0]!;
  const cells = [...tree.matchAll(/^\| (`.*?) *\|/gm)].map(([, cell]) => cell!);
  const listed = cells.flatMap((cell) =>
    [...cell.matchAll(/`([a-z]+)`/g)].map(([, name]) => name!),
  );
  expect(listed).toEqual(expect.arrayContaining(sources));
  expect(listed.filter((name) => !exists(name))).toEqual([]);
});

test.each(pages)('%s names only files that exist', (page) => {
  const named = [...read(page).matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.(?:ts|js|json|md|html|py))`/g)];
  const gone = named.map(([, name]) => name!).filter((name) => !exists(name));
  expect(gone).toEqual([]);
});

test.each(pages)('the links of %s lead to files that exist', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)];
  const broken = links.map(([, link]) => link!).filter((link) => !exists(path.dirname(page), link));
  expect(broken).toEqual([]);
});
