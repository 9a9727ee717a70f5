import { once } from 'node:events';
import { createServer } from 'node:net';
import { errorCode } from './childProcess';

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  return listenOnce(0);
}

/** Throws an error that names the variable when the port is taken; 0 becomes any free port. */
export async function requireFreePort(port: number, variable: string): Promise<number> {
  try {
    return await listenOnce(port);
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} is taken. Stop what listens there, or set ${variable}.`);
  }
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No TCP address.');
  return address.port;
}
