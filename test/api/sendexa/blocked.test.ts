import { openWindow } from '../../support/direct';
import { expectError, RESEND, SEND, startSendexa, status } from '../../support/sendexa';

/** A file of its own: the lane ends when the provider blocks the number. */
test('while WhatsApp blocks the account, sends are refused with WA006, and nothing is left to go out later', async () => {
  const sendexa = await startSendexa();
  try {
    const to = '233244000000';
    await openWindow(sendexa.db, sendexa.world, `+${to}`);
    const text = { to, type: 'text', text: { body: 'Hello' } };
    const earlier = (await sendexa.call('POST', SEND, text)).body.data.messageId;
    await sendexa.report(earlier, 'failed', { code: 131000 });
    sendexa.answerWith(() => ({ kind: 'rejected', code: 368, detail: 'blocked' }));
    const first = await sendexa.call('POST', SEND, text);
    expectError(first, 403, 'WA006');
    const read = await sendexa.call('GET', status(first.body.data.messageId));
    expect(read.body.data).toMatchObject({ status: 'failed', error: { code: 'WA006' }, cost: 0 });
    expect(await sendexa.db.selectFrom('send_queue').selectAll().execute()).toEqual([]);

    const posts = sendexa.provider.posts.length;
    expectError(await sendexa.call('POST', SEND, text), 403, 'WA006');
    expectError(await sendexa.call('POST', RESEND, { messageId: earlier }), 403, 'WA006');
    expect(sendexa.provider.posts).toHaveLength(posts);
  } finally {
    await sendexa.close();
  }
});
