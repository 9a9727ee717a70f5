import { startCloud } from '../../support/cloud';

/** A file of its own: the lane ends when the provider halts the number. */
test.each([368, 131031])(
  'while WhatsApp blocks the account (%i), messages are refused, and nothing is left to go out later',
  async (code) => {
    const stage = await startCloud();
    try {
      const to = '+14155550101';
      await stage.wrote(to);
      const text = { messaging_product: 'whatsapp', to, type: 'text', text: { body: 'Hello' } };
      await stage.simulator.sim('PUT', '/faults', { reject: { code } });
      const refusal = { status: 403, body: { error: { code, type: 'OAuthException' } } };
      expect(await stage.meta('POST', '/1001/messages', text)).toMatchObject(refusal);
      expect(await stage.db.selectFrom('send_queue').selectAll().execute()).toEqual([]);
      await stage.simulator.sim('PUT', '/faults', {});
      expect(await stage.d360('POST', '/messages', text)).toMatchObject(refusal);
      expect(await stage.settled(0)).toEqual([]);
    } finally {
      await stage.close();
    }
  },
);

test('while the number is halted for another reason (131048), messages are taken, and wait', async () => {
  const stage = await startCloud({ patienceMs: 500 });
  try {
    const to = '+14155550101';
    await stage.wrote(to);
    const text = { messaging_product: 'whatsapp', to, type: 'text', text: { body: 'Hello' } };
    await stage.simulator.sim('PUT', '/faults', { reject: { code: 131048 } });
    expect(await stage.d360('POST', '/messages', text)).toMatchObject({ status: 200 });
    expect(await stage.db.selectFrom('send_queue').selectAll().execute()).toHaveLength(1);
  } finally {
    await stage.close();
  }
});
