import { startTestStack, type TestStack } from '../support/stack';

/** Any address of this machine but the one that everything else of a stack listens on. */
const HOST = '127.0.0.2';

describe('a development stack', () => {
  let running: TestStack;

  beforeAll(async () => {
    running = await startTestStack({ CASEMENT_HOST: HOST });
  });

  afterAll(() => running.stop());

  it('describes the API by the host it listens on, and keeps the simulator at home', async () => {
    const { api, simulator } = running.stack.description();
    expect(new URL(api).hostname).toBe(HOST);
    expect(new URL(simulator).hostname).toBe('127.0.0.1');
    expect((await fetch(`${api}/readyz`)).status).toBe(200);
    expect((await fetch(`${simulator}/_sim/stats`)).status).toBe(200);
  });

  it('says when a server that nothing restarts has ended', async () => {
    process.kill(running.stack.description().pids.temporal!, 'SIGKILL');
    expect(await running.stack.lost).toMatch(/^Temporal's server ended; see .*temporal\.log\.$/);
  }, 5_000);
});
