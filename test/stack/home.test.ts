import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { homePaths, prepareHome } from '../../stack/home';

describe('the secrets of a home', () => {
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'casement-home-'));
  });

  afterEach(() => rm(home, { recursive: true, force: true }));

  it('are made once', async () => {
    const first = await prepareHome(homePaths(home));
    expect(await prepareHome(homePaths(home))).toEqual(first);
  });

  it.each(['{"secretKey": ', '{}', ''])('are told by their file when it holds %p', async (text) => {
    const paths = homePaths(home);
    await writeFile(paths.secrets, text);
    await expect(prepareHome(paths)).rejects.toThrow(`${paths.secrets} cannot be read`);
  });
});
