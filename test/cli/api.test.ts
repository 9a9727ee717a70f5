import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { register as audience } from '../../cli/commands/audience';
import { register as campaign } from '../../cli/commands/campaign';
import { register as sender } from '../../cli/commands/sender';
import { runCommand } from '../support/commandLine';

const COMMANDS = { audience, campaign, sender };

describe('a command that asks the API', () => {
  /** What the server answers next. */
  let answer: string;
  let url: string;
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end(answer));
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => server.close());

  const run = async (command: keyof typeof COMMANDS, args: string[], address = url) => {
    const settings = { CASEMENT_URL: address, CASEMENT_API_KEY: 'k' };
    return (await runCommand(COMMANDS[command], [command, ...args], settings)).problem;
  };

  it.each(['watch', 'pause', 'resume', 'cancel'])('%s refuses an empty id', async (verb) => {
    expect(await run('campaign', [verb, ''])).toContain('It is empty.');
  });

  it.each([
    ['a page', '<html>Welcome</html>'],
    ['JSON of another kind', '{"hello": "world"}'],
    ['nothing', ''],
  ])('says that what answers is not Casement when it is %s', async (_, text) => {
    answer = text;
    for (const [command, ...args] of [
      ['campaign', 'watch', 'c1'],
      ['campaign', 'pause', 'c1'],
      ['sender', 'list'],
    ] as const) {
      expect(await run(command, args)).toBe(`What answers at ${url} is not Casement's API.`);
    }
  });

  it('keeps what the answer lacks to itself', async () => {
    answer = '{"data": {"id": 7}}';
    expect(await run('campaign', ['watch', 'c1'])).toMatch(/^The answer is not Casement's/);
  });

  it.each(['nonsense', 'ftp://example.com'])('needs a web address, not %s', async (address) => {
    expect(await run('sender', ['list'], address)).toContain('An http or https address is needed.');
  });

  describe('with a file', () => {
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'casement-import-'));
    });

    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('says that a folder is none', async () => {
      const problem = await run('audience', ['import', 'a1', folder]);
      expect(problem).toBe(`${folder} is a folder, not a file.`);
    });

    it('says that it is not there', async () => {
      const file = path.join(folder, 'none.csv');
      const problem = await run('audience', ['import', 'a1', file]);
      expect(problem).toMatch(`${file} cannot be read: ENOENT`);
    });

    it('sends it', async () => {
      const file = path.join(folder, 'some.csv');
      await writeFile(file, 'number\n14155550101\n');
      answer =
        '{"data": {"accepted": 1, "updated": 0, "duplicates": 0, "rejected": 0, "errors": []}}';
      expect(await run('audience', ['import', 'a1', file])).toBeUndefined();
    });
  });
});
