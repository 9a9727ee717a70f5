import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tryLock } from '../../stack/lock';

describe('a lock file', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'casement-lock-'));
    file = path.join(folder, 'stack.lock');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('keeps others out until it is released', async () => {
    const first = await tryLock(file);
    expect(first.owner).toBeNull();
    expect((await tryLock(file)).owner).toBe(process.pid);
    await first.release();
    expect((await tryLock(file)).owner).toBeNull();
  });

  it('is taken over when another process has the id of its dead owner', async () => {
    await tryLock(file);
    const [pid, start] = (await readFile(file, 'utf8')).split(' ');
    await writeFile(file, `${pid} ${Number(start) - 1}`);
    expect((await tryLock(file)).owner).toBeNull();
    expect(await readFile(file, 'utf8')).toBe(`${pid} ${start}`);
  });

  it('is taken over from a dead owner, and from one that wrote nothing', async () => {
    for (const content of ['999999999 1', '']) {
      await writeFile(file, content);
      expect((await tryLock(file)).owner).toBeNull();
      await rm(file);
    }
  });

  it('belongs to who runs when it does not say since when', async () => {
    await writeFile(file, String(process.pid));
    expect((await tryLock(file)).owner).toBe(process.pid);
  });
});
