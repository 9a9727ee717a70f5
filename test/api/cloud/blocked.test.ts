import { startCloud } from '../../support/cloud';

/** A file of its own: the lane ends when the provider blocks the number. */
test('while WhatsApp blocks the account, messages are refused with its code, and nothing is left to go out later', async () => {
  const stage = await startCloud();
  try {
    const to = '+14155550101';
    await stage.wrote(to);
    const text = { messaging_product: 'whatsapp', to, type: 'text', text: { body: 'Hello' } };
    await stage.simulator.sim('PUT', '/faults', { reject: { code: 368 } });
    const refusal = { status: 403, body: { error: { code: 368, type: 'OAuthException' } } };
    expect(await stage.meta('POST', '/1001/messages', text)).toMatchObject(refusal);
    expect(await stage.db.selectFrom('send_queue').selectAll().execute()).toEqual([]);
    await stage.simulator.sim('PUT', '/faults', {});
    expect(await stage.d360('POST', '/messages', text)).toMatchObject(refusal);
    expect(await stage.settled(0)).toEqual([]);
  } finally {
    await stage.close();
  }
});
