import { connect } from 'node:net';
import { Client } from 'pg';
import type { Server } from './servers.ts';
import { NeverReady } from './wait-until.ts';

const answerTimeoutMs = 2_000;
const wrongPassword = '28P01';

/** Undefined when Postgres answers; a wrong password is thrown, since waiting does not mend it. */
export async function askPostgres(url: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: answerTimeoutMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return undefined;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code !== wrongPassword) return message;
    throw new NeverReady(`${message}. Does secrets.json belong to this data? Restore it, or remove both.`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export function askServer(server: Server, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: answerTimeoutMs });
    const settle = (answer: string | undefined) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write(server.greeting));
    socket.once('data', (data) => {
      const text = data.toString('latin1');
      settle(text.startsWith(server.readyAnswer) ? undefined : text.trim());
    });
    socket.once('timeout', () => settle('no answer'));
    socket.once('error', (error) => settle(error.message));
  });
}

export async function askGateway(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(answerTimeoutMs) });
  const body = await response.text();
  return response.status === 200 ? undefined : `GET ${url}/ready: ${response.status} ${body}`;
}
