import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { renderMetrics } from './instruments.js';

const REQUEST_TIMEOUT_MS = 5_000;

export interface OperatorsPort {
  readonly url: string;
  close(): void;
}

/** Serves /metrics and /health to operators, apart from whatever the process serves to others. */
export async function openOperatorsPort(host: string, port: number): Promise<OperatorsPort> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '', response);
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.listen(port, host);
  await once(server, 'listening');
  // A scraper's open connection must not keep a stopping process alive.
  server.unref();
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(url: string, response: ServerResponse): Promise<void> {
  const path = url.split('?', 1)[0];
  if (path === '/health') return send(response, 200, 'application/json', '{"status":"ok"}');
  if (path !== '/metrics') return send(response, 404, 'text/plain', 'Here are /metrics and /health.\n');
  try {
    const { type, text } = await renderMetrics();
    send(response, 200, type, text);
  } catch {
    send(response, 500, 'text/plain', 'The metrics could not be read.\n');
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
