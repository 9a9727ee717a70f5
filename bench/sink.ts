import { createServer, type Socket } from 'node:net';

/**
 * A provider that costs next to nothing, in a process of its own: reads requests by their Content-Length and answers
 * each with a wamid. Prints its port; counts are read with `GET /`.
 */
const HEADER_END = Buffer.from('\r\n\r\n');
const LENGTH = /content-length: *([0-9]+)/i;
let taken = 0;

function answerTo(count: number): string {
  const body = `{"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"1"}],"messages":[{"id":"wamid.${count}","message_status":"accepted"}]}`;
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function serve(socket: Socket): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    for (;;) {
      const end = pending.indexOf(HEADER_END);
      if (end < 0) return;
      const head = pending.toString('latin1', 0, end);
      const length = Number(LENGTH.exec(head)?.[1] ?? 0);
      if (pending.length < end + 4 + length) return;
      pending = pending.subarray(end + 4 + length);
      if (head.startsWith('POST')) taken += 1;
      socket.write(answerTo(taken));
    }
  });
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : null });
});
process.on('disconnect', () => process.exit(0));
